"""One environment, one episode at a time."""

from typing import Any

from typing_extensions import override

from pymarl.envs import REGISTRY as env_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.errors import EpisodeLostError
from pymarl.runners.base import Runner


class EpisodeRunner(Runner):
    """Plays in one environment of this process.

    Source: PyMARL ``runners/episode_runner.py``. Deviation: see :class:`Runner`.
    """

    @override
    def _open(self, env_args: dict[str, Any]) -> dict[str, Any]:
        """Make the environment."""
        self.env = env_REGISTRY[self.args.env](**env_args)
        return self.env.get_env_info()

    @override
    def _reset(self, seeds: list[int], rows: list[int]) -> None:
        self.env.reset(seeds[0])
        self._write_observation(0)

    @override
    def _step(self, t: int) -> None:
        try:
            reward, ended, info = self.env.step(self.rollout.actions[0])
        except EpisodeLostError as lost:
            self.rollout.discard_episode(0, str(lost))
            return
        self.rollout.write_step(0, reward, ended, info)
        self._write_observation(t + 1)

    def _write_observation(self, t: int) -> None:
        """Write what the environment shows now to step ``t``."""
        env = self.env
        self.rollout.write_observation(
            t, 0, env.obs_array(), env.get_state(), env.avail_array(), env.units_array()
        )

    @override
    def get_stats(self) -> dict[str, Any]:
        return self.env.get_stats()

    @override
    def provenance(self) -> dict[str, Any]:
        return self.env.provenance()

    @override
    def save_replay(self) -> None:
        self.env.save_replay()

    @override
    def close_env(self) -> None:
        self.env.close()
