"""B battles of the simulator in one process, stepped by one call."""

from typing import Any

import numpy as np

from pymarl.components.episode_batch import Groups, Preprocess, Scheme
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.rules.episode import StepOutput
from pymarl.envs.smac.rules.state_description import ally_state_names, enemy_state_names
from pymarl.runners.base import Runner
from pymarl.runners.stats import add_stats


class VectorRunner(Runner):
    """Plays in ``batch_size_run`` environments of the embedded simulator (``env=sim`` only).

    The simulator writes observations, state, availability, rewards and ends straight into the
    arrays of the batch, for all environments in one compiled call; finished environments take no
    further part.
    """

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
        self._info, self._health_left = results.info, results.health_left
        self._outs: list[StepOutput] = [
            results._replace(obs=step.obs, state=step.state, avail=step.avail)
            for step in self.rollout.at
        ]

    def _reset(self, seeds: list[int], rows: list[int]) -> None:
        """See :class:`Runner`."""
        self.vector.reset(seeds=seeds, out=self._outs[0])
        self._record_units(0)

    def _step(self, t: int) -> None:
        """See :class:`Runner`."""
        rollout, vector = self.rollout, self.vector
        vector.step(rollout.actions, mask=rollout.running, out=self._outs[t + 1])
        if vector.args.heuristic_ai:
            # SMAC's scripted agents acted; the batch holds what they did.
            rows = np.flatnonzero(rollout.running)
            rollout.actions[rows] = vector.episode_state.orders[rows]
        self._record_units(t + 1)
        ended = rollout.ended & rollout.running
        if ended.any():
            for b in np.flatnonzero(ended).tolist():
                self._finish(b)

    def _record_units(self, t: int) -> None:
        """Write what replay rebuilds step ``t`` from, where it does."""
        units = self.rollout.at[t].units
        if units is not None and self.vector.observer is not None:
            self.vector.observer.record(
                self.vector.episode_state.table, self.rollout.running, units
            )

    def _finish(self, b: int) -> None:
        """Store the info of the battle that ended in environment ``b``, as ``SkirmishEnv`` does."""
        numbers, health_left = self._info, self._health_left
        won, timeout = bool(numbers["battle_won"][b]), bool(numbers["timeout"][b])
        info: dict[str, Any] = {
            "battle_won": won,
            "dead_allies": int(numbers["dead_allies"][b]),
            "dead_enemies": int(numbers["dead_enemies"][b]),
        }
        if timeout and self.vector.args.continuing_episode:
            info["episode_limit"] = True
        info["timeout"] = timeout
        info["ally_health_left"] = float(health_left["allies"][b])
        info["enemy_health_left"] = float(health_left["enemies"][b])
        self.battles_game += 1
        self.battles_won += int(won)
        self.timeouts += int(timeout)
        self.rollout.finish(b, info)

    def get_stats(self) -> dict[str, Any]:
        """See :class:`Runner`."""
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

    def close_env(self) -> None:
        """See :class:`Runner`."""
        self.vector.close()
