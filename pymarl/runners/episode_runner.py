"""One environment, one episode at a time."""

from typing import Any

from pymarl.envs import REGISTRY as env_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.errors import EpisodeLostError
from pymarl.runners.base import Runner


class EpisodeRunner(Runner):
    """Plays in one environment of this process.

    Source: PyMARL ``runners/episode_runner.py``. Deviation: see :class:`Runner`.
    """

    def _open(self, env_args: dict[str, Any]) -> dict[str, Any]:
        """Make the environment."""
        self.env = env_REGISTRY[self.args.env](**env_args)
        return self.env.get_env_info()

    def _reset(self, seeds: list[int], rows: list[int]) -> None:
        """See :class:`Runner`."""
        self.env.reset(seeds[0])
        self._see(0)

    def _step(self, t: int) -> None:
        """See :class:`Runner`."""
        try:
            reward, ended, info = self.env.step(self.rollout.actions[0])
        except EpisodeLostError as lost:
            self.rollout.lose(0, lost)
            return
        self.rollout.result(0, reward, ended, info)
        self._see(t + 1)

    def _see(self, t: int) -> None:
        """Write what the environment shows now to step ``t``."""
        env = self.env
        self.rollout.see(
            t, 0, env.obs_array(), env.get_state(), env.avail_array(), env.units_array()
        )

    def get_stats(self) -> dict[str, Any]:
        """See :class:`Runner`."""
        return self.env.get_stats()

    def origin(self) -> dict[str, Any]:
        """See :class:`Runner`."""
        return self.env.origin()

    def save_replay(self) -> None:
        """See :class:`Runner`."""
        self.env.save_replay()

    def close_env(self) -> None:
        """See :class:`Runner`."""
        self.env.close()
