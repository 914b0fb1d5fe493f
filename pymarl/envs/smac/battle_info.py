"""What SMAC reports of battles: infos of steps and episodes, counters, names of features."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.multiagentenv import Info
from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.rules.episode import StepOutput
from pymarl.envs.smac.rules.feature_sizes import obs_size
from pymarl.envs.smac.state_description import ally_state_names, enemy_state_names


def step_info(row: Sequence[int]) -> Info:
    """Return the ``info`` of a step from the numbers of a ``StepInfo`` record, in its order."""
    battle_won, dead_allies, dead_enemies, _ = row
    return {
        "battle_won": bool(battle_won),
        "dead_allies": dead_allies,
        "dead_enemies": dead_enemies,
    }


def episode_info(out: StepOutput, e: int, *, continuing_episode: bool) -> Info:
    """Return the ``info`` of the step that ended an episode of environment ``e``.

    Args:
        out: the arrays the kernels wrote.
        e: row of the environment.
        continuing_episode: SMAC's key; an end by the time limit is then no true end, and
            ``episode_limit`` says so.
    """
    row: Sequence[int] = _rows(out.info)[e].item()
    info, timeout = step_info(row), bool(row[3])
    if timeout and continuing_episode:
        info["episode_limit"] = True
    info["timeout"] = timeout
    info["ally_health_left"], info["enemy_health_left"] = _rows(out.health_left)[e].item()
    return info


def _rows(records: Any) -> NDArray[Any]:
    """Return records as the array they are: whole rows are read faster than single fields."""
    rows: NDArray[Any] = records
    return rows


class BattleCounters:
    """SMAC's counters of the battles that ended (``get_stats``), of B environments.

    Attributes:
        counts: int64 (B, 3), each environment's battles won, battles ended, and time limits.
    """

    def __init__(self, n_envs: int = 1) -> None:
        self.counts = np.zeros((n_envs, 3), np.int64)

    def count(self, e: int, *, won: int, timeout: int) -> None:
        """Count one battle of environment ``e`` that ended; ``won`` and ``timeout`` are 0 or 1."""
        self.counts[e] += (won, 1, timeout)

    def stats(self) -> Info:
        """Return the sums with SMAC's keys; ``win_rate`` is 0 before the first battle ends."""
        battles_won, battles_game, timeouts = self.counts.sum(0).tolist()
        return {
            "battles_won": battles_won,
            "battles_game": battles_game,
            "battles_draw": timeouts,
            "win_rate": battles_won / battles_game if battles_game else 0.0,
            "timeouts": timeouts,
            "restarts": 0,
        }


def feature_names(spec: MapSpec, args: SmacArgs) -> dict[str, Any]:
    """Return SMAC's names of the state's features, as ``get_env_info`` has them, and ``unit_dim``.

    ``unit_dim``: the state begins with a row of so many numbers for each agent; with
    ``obs_instead_of_state`` that is its observation.
    """
    names = ally_state_names(spec)
    return {
        "agent_features": names,
        "enemy_features": enemy_state_names(spec),
        "unit_dim": obs_size(args, spec) if args.obs_instead_of_state else len(names),
    }
