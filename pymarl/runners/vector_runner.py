"""B environments in this process, stepped by one call."""

from typing import Any

import numpy as np
from typing_extensions import override

from pymarl.components.episode_batch import Groups, Preprocess, Scheme
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.envs import REGISTRY as env_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.envs.env_batch import make_vector_env
from pymarl.envs.vector_env import StepArrays
from pymarl.runners.base import Runner


class VectorRunner(Runner):
    """Plays in the ``batch_size_run`` environments of one :class:`VectorMultiAgentEnv`.

    They write observations, states, availability, rewards and ends straight into the arrays of the
    batch; environments whose episode is over take no further part. The embedded simulator steps
    all of them in one compiled call, other environments one after another.
    """

    @override
    def _open(self, env_args: dict[str, Any]) -> dict[str, Any]:
        self.vector = make_vector_env(
            env_REGISTRY[self.args.env], self.batch_size, self.args.threads, env_args
        )
        return self.vector.get_env_info()

    @override
    def setup(self, scheme: Scheme, groups: Groups, preprocess: Preprocess, mac: BasicMAC) -> None:
        super().setup(scheme, groups, preprocess, mac)
        reward, ended = self.rollout.reward, self.rollout.ended
        self._outs = [
            self.vector.new_out(StepArrays(step.obs, step.state, step.avail, reward, ended))
            for step in self.rollout.at
        ]

    @override
    def _reset(self, seeds: list[int], rows: list[int]) -> None:
        self.vector.reset(self.rollout.running, seeds, self._outs[0])
        self._write_units(0)

    @override
    def _step(self, t: int) -> None:
        rollout, vector = self.rollout, self.vector
        vector.step(rollout.actions, rollout.running, self._outs[t + 1])
        for b, reason in vector.failures.items():
            rollout.discard_episode(b, reason)
        self._write_units(t + 1)
        ended = rollout.ended & rollout.running
        if ended.any():
            for b in np.flatnonzero(ended).tolist():
                rollout.end_episode(b, vector.episode_info(b))

    def _write_units(self, t: int) -> None:
        """Write what replay rebuilds step ``t`` from, where it does."""
        units = self.rollout.at[t].units
        if units.size:
            self.vector.write_units(self.rollout.running, units)

    @override
    def get_stats(self) -> dict[str, Any]:
        return self.vector.get_stats()

    @override
    def provenance(self) -> dict[str, Any]:
        return self.vector.provenance()

    @override
    def save_replay(self) -> None:
        if not self.vector.save_replay():
            self.logger.console.warning(
                "save_replay: runner=vector keeps no battles of env=%s; evaluate with "
                "runner=episode",
                self.args.env,
            )

    @override
    def close_env(self) -> None:
        self.vector.close()
