"""Runners by name (``runner`` in the configuration)."""

from pymarl.runners.episode_runner import EpisodeRunner

REGISTRY: dict[str, type[EpisodeRunner]] = {"episode": EpisodeRunner}
