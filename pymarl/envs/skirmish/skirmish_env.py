"""The simulator as a PyMARL environment (``env=sim``)."""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from pymarl.envs.joint_actions import joint_action
from pymarl.envs.skirmish.engine_version import ENGINE_VERSION
from pymarl.envs.skirmish.replays.export import write_battle
from pymarl.envs.skirmish.replays.render import check_mode, picture, text_frame
from pymarl.envs.skirmish.replays.replay import Replay, record, replay_path, save
from pymarl.envs.skirmish.snapshots import BattleSnapshot, RecordedSteps
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.rules.enemy_order import in_created_order
from pymarl.envs.smac.rules.observer import TableObserver
from pymarl.envs.smac.smac_env import SmacEnv
from pymarl.errors import EnvError

_LOG = logging.getLogger("pymarl.envs.skirmish")
Array = NDArray[Any]
ONE = np.ones(1, np.uint8)


class SkirmishEnv(SmacEnv):
    """One battle of a SMAC map in the embedded simulator.

    SMAC's ``StarCraft2Env``, without StarCraft II; what agents see and are paid is described in
    ``SmacEnv``.

    Args:
        env_args: SMAC's keys and ``map_file``, see ``SmacArgs``; unknown keys are refused.

    Attributes:
        episode_seed: seed of the running episode; ``reset(seed=episode_seed)`` with the same
            actions repeats it.
        vector: the one-environment vector form it runs on.

    Raises:
        ConfigError: an argument or the map is wrong.
    """

    vector_class = VectorSkirmish

    def __init__(self, **env_args: Any) -> None:
        self.vector = VectorSkirmish(1, **env_args)
        vector = self.vector
        super().__init__(vector.args, vector.map, vector.features, vector.episode_state, vector.out)
        self.battles = vector.battles
        self._units = self._new_units()
        self._orders: list[Array] | None = []
        self._return = 0.0

    @override
    def reset(self, seed: int | None = None) -> tuple[list[Array], Array]:
        self.vector.reset(seeds=None if seed is None else [seed])
        self._orders, self._return = [], 0.0
        return self.get_obs(), self.get_state()

    @override
    def step(self, actions: Sequence[int] | Array) -> tuple[float, bool, dict[str, Any]]:
        self.vector.step(joint_action(actions, self.n_agents)[None])
        if self._orders is not None:
            self._orders.append(self.vector.episode_state.orders[0].astype(np.int16))
        reward, terminated, info = self._results(actions)
        self._return += reward
        return reward, terminated, info

    @property
    def episode_seed(self) -> int:
        """Return the seed of the running episode."""
        return int(self.vector.episode_seeds[0])

    @override
    def get_snapshot(self) -> BattleSnapshot:
        """Return all of the battle that changes; it fits ``VectorSkirmish``, too.

        A few microseconds (docs/environments/simulator.md, Copies).
        """
        snapshot = self.vector.get_snapshot()
        if self._orders is None:
            return snapshot
        return snapshot._replace(recorded=RecordedSteps(tuple(self._orders), self._return))

    @override
    def set_snapshot(self, snapshot: Any) -> None:
        self.vector.set_snapshot(snapshot)
        recorded = snapshot.recorded
        self._orders = None if recorded is None else list(recorded.orders)
        self._return = 0.0 if recorded is None else recorded.return_so_far

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        vector = self.vector
        self.battles, self.features = vector.battles, vector.features
        self._units = self._new_units()
        self._show(vector.episode_state, vector.out)

    def __getstate__(self) -> dict[str, Any]:
        # Views of the vector form's arrays, and an output: a copy has its own.
        views = {"_episode", "_out", "_info", "_obs", "_state", "_avail", "_units"}
        return {name: value for name, value in vars(self).items() if name not in views}

    def _new_units(self) -> Array:
        """Return memory for the observer's numbers, float32 (1, K)."""
        observer = self.vector.observer
        return np.zeros((1, 0 if observer is None else observer.size), np.float32)

    @override
    def observer(self) -> TableObserver | None:
        return self.vector.observer

    def units_array(self) -> Array | None:
        """Return the numbers that the observer needs, float32 (K,)."""
        if self.vector.observer is None:
            return None
        self.vector.observer.record(self.vector.episode_state, ONE, self._units)
        one: Array = self._units[0]
        return one

    def provenance(self) -> dict[str, Any]:
        """Return the version of the engine; the rest is known without an environment."""
        return {"engine_version": ENGINE_VERSION}

    def replay(self) -> Replay:
        """Return the replay of the episode so far, with the enemies in the order of creation.

        Raises:
            EnvError: no step was made yet, or how the episode began is not known.
        """
        if self._orders is None:
            raise EnvError(
                "there is nothing to replay: this episode was taken over from a batch "
                "(set_snapshot), which does not record what happened before"
            )
        if not self._orders:
            raise EnvError("there is nothing to replay: no step was made since the last reset")
        won, timeout = bool(self._info["battle_won"][0]), bool(self._info["timeout"][0])
        attackers = self.vector.world.traits["is_healer"][: self.n_agents] == 0
        rows = self.vector.episode_state.unit_of_row[0]
        orders = in_created_order(np.array(self._orders), rows, attackers)
        return record(self.vector, self.episode_seed, orders, won, timeout, self._return)

    def save_replay(self) -> None:
        """Write the episode so far to ``replay_dir`` (the current folder), never over another file.

        Beside the replay lies the same battle as JSON for the report's viewer.
        """
        prefix = self.args.replay_prefix or self.map.name
        path = replay_path(Path(self.args.replay_dir or "."), prefix, self.episode_seed)
        recorded = self.replay()
        save(recorded, path)
        write_battle(recorded, path.with_suffix(".json"), every=4)
        _LOG.info("replay saved at %s", path)

    def render(self, mode: str = "human") -> Any:
        """Show the current situation.

        Args:
            mode: ``human`` (text on standard output, returns None), ``ansi`` (returns the text) or
                ``rgb_array`` (returns uint8 (height, width, 3); needs Pillow).

        Raises:
            EnvError: another mode, or Pillow is missing.
        """
        check_mode(mode)
        table = self.vector.episode_state.table[0]
        scene = self.map, self.vector.unit_names, self.n_agents, table
        if mode == "rgb_array":
            return picture(*scene)
        text = text_frame(*scene)
        if mode == "ansi":
            return text
        sys.stdout.write(text + "\n")
        return None

    def close(self) -> None:
        """Free the worker threads (there are none with one environment)."""
        self.vector.close()
