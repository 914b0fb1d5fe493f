"""Compiling the kernels before a client waits for them, and in one process of many."""

from pathlib import Path
from typing import Any

from s2clientprotocol import raw_pb2, sc2api_pb2

from pymarl.envs.smac.maps.map_spec import load_map
from pymarl.envs.standin.battle.battle import StandinBattle
from pymarl.envs.standin.battle.battle_kernels import run_loops
from pymarl.envs.standin.protocol.static_answers import ABILITY_STOP
from pymarl.envs.standin.protocol.unit_commands import apply_actions
from pymarl.kernels.cache import once


def warm_up(folder: Path | None = None) -> bool:
    """Have the kernels compiled on disk; return whether this process did it.

    Other processes wait meanwhile. The cache's folder is another one for other sources, so that a
    marker in it says enough; where it cannot be written every process compiles for itself.

    Args:
        folder: of the compiled kernels; None: where they are.
    """
    cache = cache_folder() if folder is None else folder
    if cache is None:
        return False
    try:
        return once(cache / "standin-is-warm", play_short_battle)
    except OSError:
        return False  # every process compiles for itself


def cache_folder() -> Path | None:
    """Return where numba keeps the compiled kernels, or None when it compiles nothing."""
    kernel: Any = run_loops
    return Path(kernel.stats.cache_path) if hasattr(kernel, "stats") else None


def play_short_battle() -> None:
    """Play a few loops of a battle: what a client will need is then compiled."""
    battle = StandinBattle(load_map("3m"), 0)
    command = raw_pb2.ActionRawUnitCommand(ability_id=ABILITY_STOP, unit_tags=battle.tags[:1])
    action = sc2api_pb2.Action(action_raw=raw_pb2.ActionRaw(unit_command=command))
    apply_actions(battle, [action])
    battle.advance(1)
    battle.kill(battle.tags)
    battle.advance(2)
    battle.units()
