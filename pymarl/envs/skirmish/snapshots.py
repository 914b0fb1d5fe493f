"""Snapshots of battles: everything of some environments that changes, as a few plain arrays."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.multiagentenv import wrong_snapshot
from pymarl.envs.skirmish.engine_version import ENGINE_VERSION
from pymarl.envs.smac.args import SmacArgs
from pymarl.errors import EnvError

Arrays = tuple[NDArray[Any], ...]
# Keys of env_args that change no battle: the seed's stream is part of the snapshot.
_OF_NO_EFFECT: Final = {"seed", "replay_dir", "replay_prefix", "debug"}


class RecordedSteps(NamedTuple):
    """What ``SkirmishEnv`` knows of its episode beside the battle, for replays.

    Attributes:
        orders: the actions carried out in each step, int16 (N,).
        return_so_far: sum of rewards.
    """

    orders: tuple[NDArray[np.int16], ...]
    return_so_far: float


class BattleSnapshot(NamedTuple):
    """The battles of k environments at one moment. Nothing in it is ever changed.

    It is plain data: it can be pickled, kept, and set as often as one likes, in any environment of
    the same map, keys and engine version. The battles' random streams are in it, so that the same
    actions lead to the same future; the streams of seeds that ``reset()`` takes from; and the
    counters of ``get_stats``.

    Attributes:
        battle: what the environment was made with.
        arrays: what changes, each (k, ...), records as bytes.
        streams: state of the own stream of episode seeds of each environment.
        recorded: of a single environment; None: not known.
    """

    battle: Mapping[str, Any]
    arrays: Arrays
    streams: tuple[int, ...]
    recorded: RecordedSteps | None = None

    @property
    def n_envs(self) -> int:
        """Return k."""
        return len(self.streams)

    @property
    def nbytes(self) -> int:
        """Return the bytes that the arrays take."""
        return sum(array.nbytes for array in self.arrays)


def made_with(args: SmacArgs, map_name: str, world: str) -> dict[str, Any]:
    """Return what decides, beside seeds and actions, what happens in an environment.

    Args:
        args: its keys.
        map_name: of its map.
        world: hash of the map's numbers (``replays/world_hash.py``).
    """
    keys = {f"env_args.{key}": value for key, value in args if key not in _OF_NO_EFFECT}
    names = {"map": map_name, "engine version": ENGINE_VERSION, "numbers of map and units": world}
    return {**names, **keys}


def plain_rows(arrays: Sequence[Any]) -> Arrays:
    """Return arrays (B, ...) as views that NumPy copies fast: records as rows of bytes.

    NumPy copies records field by field, which takes ten times as long.
    """
    return tuple(_plain(np.asarray(array)) for array in arrays)


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """Return records (B, ...) as bytes (B, n), other arrays as they are."""
    if array.dtype.names is None or not array.flags.c_contiguous:
        return array
    return array.view(np.uint8).reshape(len(array), -1)


def check_fits(snapshot: Any, battle: Mapping[str, Any]) -> None:
    """Check that a snapshot is of an environment that was made as this one.

    Raises:
        EnvError: it is not; names the first difference.
    """
    if not isinstance(snapshot, BattleSnapshot):
        raise wrong_snapshot(snapshot, "env=sim")
    if snapshot.battle is battle or snapshot.battle == battle:
        return
    for key, here in battle.items():
        if (there := snapshot.battle.get(key)) != here:
            raise EnvError(
                f"set_snapshot: the snapshot is of an environment with another {key} "
                f"({there}, here {here}); make both with the same env_args"
            )
    raise EnvError("set_snapshot: the snapshot is of an environment with other env_args")
