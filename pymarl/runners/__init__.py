"""Runners by name (``runner`` in the configuration)."""

from pymarl.runners.base import Runner
from pymarl.runners.episode_runner import EpisodeRunner
from pymarl.runners.parallel_runner import ParallelRunner
from pymarl.runners.vector_runner import VectorRunner

REGISTRY: dict[str, type[Runner]] = {
    "episode": EpisodeRunner,
    "parallel": ParallelRunner,
    "vector": VectorRunner,
}
