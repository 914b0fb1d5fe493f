"""B environments, each in a worker process."""

from typing import Any

from typing_extensions import override

from pymarl.components import seeding
from pymarl.envs import REGISTRY as env_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.envs.env_stats import add_stats
from pymarl.errors import EpisodeLostError
from pymarl.runners.base import Runner
from pymarl.runners.workers import EnvWorkers

ENV_WORKER = "env/worker"


class ParallelRunner(Runner):
    """Plays in ``batch_size_run`` worker processes; any environment of the registry.

    Source: PyMARL ``runners/parallel_runner.py``. Deviation: every worker's environment has a seed
        of its own besides those of the episodes; a worker that fails, dies or hangs ends the run
        with an error that says why.
    """

    @override
    def _open(self, env_args: dict[str, Any]) -> dict[str, Any]:
        """Start the workers."""
        seeds = [
            seeding.episode_seed(env_args["seed"], ENV_WORKER, i) for i in range(self.batch_size)
        ]
        self.workers = EnvWorkers(
            env_REGISTRY[self.args.env],
            [env_args | {"seed": seed} for seed in seeds],
            self.args.env_timeout_s,
        )
        return self.workers.infos[0]

    @override
    def _reset(self, seeds: list[int], rows: list[int]) -> None:
        for b in rows:
            self.workers.send(b, "reset", seeds[b])
        for b, observation in self.workers.answers(rows):
            self.rollout.write_observation(0, b, *observation)

    @override
    def _step(self, t: int) -> None:
        rollout = self.rollout
        rows = rollout.running.nonzero()[0].tolist()
        for b in rows:
            self.workers.send(b, "step", rollout.actions[b])
        for b, answer in self.workers.answers(rows):
            if isinstance(answer, EpisodeLostError):
                rollout.discard_episode(b, str(answer))
                continue
            observation, reward, ended, info, actions = answer
            rollout.write_observation(t + 1, b, *observation)
            rollout.write_step(b, reward, ended, info)
            rollout.actions[b] = actions

    @override
    def get_stats(self) -> dict[str, Any]:
        return add_stats([part for _, part in sorted(self._ask("get_stats"))])

    @override
    def provenance(self) -> dict[str, Any]:
        self.workers.send(0, "provenance")
        found: dict[str, Any] = dict(next(iter(self.workers.answers([0])))[1])
        return found

    @override
    def save_replay(self) -> None:
        self._ask("save_replay")

    def _ask(self, what: str) -> list[tuple[int, Any]]:
        """Return the answers of all workers to a request without arguments."""
        for b in range(self.batch_size):
            self.workers.send(b, what)
        return list(self.workers.answers(range(self.batch_size)))

    @override
    def close_env(self) -> None:
        self.workers.close()
