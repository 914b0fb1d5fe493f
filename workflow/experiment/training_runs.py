"""The training runs of an experiment: their folders, overrides and command lines."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from workflow.errors import PipelineError
from workflow.experiment.experiment_file import Experiment, Overrides, Word, flatten
from workflow.experiment.variants import PLAIN, Variant

SENTINEL = "complete.json"


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """One training run.

    ``alg`` is the algorithm's file in configs/algs, ``overrides`` are the run's resolved settings,
    sorted by their dotted keys, those of its ``variant`` among them.
    """

    experiment: str
    env: str
    map: str
    alg: str
    seed: int
    overrides: tuple[tuple[str, Any], ...] = field(hash=False)  # a value may be a dictionary
    variant: Variant = PLAIN

    @property
    def name(self) -> str:
        """The algorithm's name in logs, figures and tables: ``qmix``, ``qmix[td_lambda=0.4]``."""
        return self.variant.name(self.alg)

    @property
    def alg_folder(self) -> str:
        """The part of paths that stands for the algorithm: ``qmix``, ``qmix+td_lambda=0.4``."""
        return self.variant.folder(self.alg)

    @property
    def folder(self) -> Path:
        """The run folder, relative to the working directory."""
        parts = (self.experiment, self.env, self.map, self.alg_folder, f"seed={self.seed}")
        return Path("results/runs").joinpath(*parts)

    @property
    def log(self) -> Path:
        """Where the run's output goes."""
        folder = Path("results/logs", self.experiment, "train", self.env, self.map, self.alg_folder)
        return folder / f"seed={self.seed}.log"

    @property
    def sentinel(self) -> Path:
        """The file that says that the run is complete."""
        return self.folder / SENTINEL

    @property
    def label(self) -> str:
        """The run's short name in messages: ``3m qmix seed=1``."""
        return f"{self.map} {self.name} seed={self.seed}"

    @property
    def t_max(self) -> int:
        """Environment steps of this run."""
        return int(dict(self.overrides)["t_max"])

    def arguments(self) -> list[str]:
        """The overrides as ``key=value`` arguments of the training command line."""
        return [f"{key}={format_value(value)}" for key, value in self.overrides]

    def expected_entry(self) -> dict[str, Any]:
        """The run's entry in expected.json."""
        return {
            "env": self.env,
            "map": self.map,
            "alg": self.name,
            "seed": self.seed,
            "t_max": self.t_max,
            "dir": str(self.folder),
        }


def format_value(value: Any) -> str:
    """Return ``value`` as YAML in one line, as the training command line reads it."""
    if isinstance(value, Word):
        return value
    if isinstance(value, str):
        return (
            value
            if value and _reads_back(value)
            else yaml.dump(value, default_style='"', width=10**6).strip()
        )
    text: str = yaml.safe_dump(value, default_flow_style=True, width=10**6)
    return text.removesuffix("\n").removesuffix("\n...")


def _reads_back(text: str) -> bool:
    """Whether YAML reads the bare text as that very string."""
    try:
        return bool(yaml.safe_load(text) == text) and "\n" not in text
    except yaml.YAMLError:
        return False


def resolve_overrides(
    experiment: Experiment, map_name: str, alg: str, variant: Variant = PLAIN
) -> tuple[tuple[str, Any], ...]:
    """Return a run's overrides, sorted by key.

    Layers, later ones win: t_max, with, overrides.algs, overrides.maps, the variant's settings. A
    variant's name is an override as well.

    Raises:
        PipelineError: they set the map, which ``maps`` does.
    """
    merged: Overrides = {"t_max": experiment.t_max}
    for layer in (
        experiment.overrides,
        experiment.alg_overrides.get(alg, {}),
        experiment.map_overrides.get(map_name, {}),
    ):
        merged.update(flatten(layer or {}))
    if variant.settings:
        merged |= dict(variant.settings)
        merged["name"] = variant.name(alg)
    if "env_args.map_name" in merged:
        raise PipelineError(
            "env_args.map_name cannot be set in an experiment: list the map under 'maps'"
        )
    merged["t_max"] = int(merged["t_max"])  # 2e6 is a whole number too
    return tuple(sorted(merged.items()))


def expand_runs(experiment: Experiment) -> list[TrainingRun]:
    """Return the experiment's runs, seed by seed."""
    planned = [
        (map_name, alg, variant, resolve_overrides(experiment, map_name, alg, variant))
        for map_name in experiment.maps
        for alg in experiment.algs
        for variant in experiment.variants(alg)
    ]
    return [
        TrainingRun(experiment.name, experiment.env, map_name, alg, seed, overrides, variant)
        for seed in experiment.seeds
        for map_name, alg, variant, overrides in planned
    ]
