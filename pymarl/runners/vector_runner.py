"""B battles of the simulator in one process, stepped by one call."""

from typing import Any

import numpy as np
from typing_extensions import override

from pymarl.components.episode_batch import Groups, Preprocess, Scheme
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.rules.episode import BATTLE_WON, DEAD_ALLIES, DEAD_ENEMIES, TIMEOUT, Out
from pymarl.envs.smac.rules.state_names import ally_state_names, enemy_state_names
from pymarl.runners.base import Runner
from pymarl.runners.stats import add_stats


class VectorRunner(Runner):
    """Plays in ``batch_size_run`` environments of the embedded simulator (``env=sim`` only).

    The simulator writes observations, state, availability, rewards and ends straight into the
    arrays of the batch, for all environments in one compiled call; finished environments take no
    further part.
    """

    @override
    def _open(self, env_args: dict[str, Any]) -> dict[str, Any]:
        """Make the environments."""
        vector = VectorSkirmish(self.batch_size, threads=self.args.threads, **env_args)
        self.vector = vector
        self.battles_won = self.battles_game = self.timeouts = 0
        return {
            "state_shape": vector.state_size,
            "obs_shape": vector.obs_size,
            "n_actions": vector.n_actions,
            "n_agents": vector.n_agents,
            "episode_limit": vector.episode_limit,
            "agent_features": ally_state_names(vector.map),
            "enemy_features": enemy_state_names(vector.map),
            "observer": vector.observer,
        }

    def setup(self, scheme: Scheme, groups: Groups, preprocess: Preprocess, mac: BasicMAC) -> None:
        """See :class:`Runner`; let the simulator write to the rollout's arrays."""
        super().setup(scheme, groups, preprocess, mac)
        results = self.vector.new_out()._replace(
            reward=self.rollout.reward, terminated=self.rollout.ended
        )
        self._info, self._left = results.info, results.left
        self._outs: list[Out] = [
            results._replace(obs=step.obs, state=step.state, avail=step.avail)
            for step in self.rollout.at
        ]

    @override
    def _reset(self, seeds: list[int], rows: list[int]) -> None:
        self.vector.reset(seeds=seeds, out=self._outs[0])
        self._record_units(0)

    @override
    def _step(self, t: int) -> None:
        rollout, vector = self.rollout, self.vector
        vector.step(rollout.actions, mask=rollout.running, out=self._outs[t + 1])
        if vector.args.heuristic_ai:
            # SMAC's scripted agents acted; the batch holds what they did.
            rows = np.flatnonzero(rollout.running)
            rollout.actions[rows] = vector.memory.orders[rows]
        self._record_units(t + 1)
        ended = rollout.ended & rollout.running
        if ended.any():
            for b in np.flatnonzero(ended).tolist():
                self._finish(b)

    def _record_units(self, t: int) -> None:
        """Write what replay rebuilds step ``t`` from, where it does."""
        units = self.rollout.at[t].units
        if units.size and self.vector.observer is not None:
            self.vector.observer.record(self.vector.memory.table, self.rollout.running, units)

    def _finish(self, b: int) -> None:
        """Store the info of the battle that ended in environment ``b``, as ``SkirmishEnv`` does."""
        row, left = self._info[b].tolist(), self._left[b].tolist()
        info: dict[str, Any] = {
            "battle_won": bool(row[BATTLE_WON]),
            "dead_allies": row[DEAD_ALLIES],
            "dead_enemies": row[DEAD_ENEMIES],
        }
        if row[TIMEOUT] and self.vector.args.continuing_episode:
            info["episode_limit"] = True
        info["timeout"] = bool(row[TIMEOUT])
        info["ally_health_left"], info["enemy_health_left"] = left
        self.battles_game += 1
        self.battles_won += row[BATTLE_WON]
        self.timeouts += row[TIMEOUT]
        self.rollout.end_episode(b, info)

    @override
    def get_stats(self) -> dict[str, Any]:
        counters = {
            "battles_won": self.battles_won,
            "battles_game": self.battles_game,
            "battles_draw": self.timeouts,
            "win_rate": 0.0,
            "timeouts": self.timeouts,
            "restarts": 0,
        }
        return add_stats([counters])

    def save_replay(self) -> None:
        """Say which runners can: this one keeps no orders."""
        self.logger.console.warning(
            "save_replay: runner=vector records no battles; evaluate with runner=episode"
        )

    @override
    def close_env(self) -> None:
        self.vector.close()
