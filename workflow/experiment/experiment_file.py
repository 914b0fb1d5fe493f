"""Experiment files: which one is chosen, whether it is right, and what it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from workflow.errors import PipelineError, did_you_mean
from workflow.experiment.schema_check import check_schema, load_schema
from workflow.source_tree import ROOT

DEFAULT = "demo"
Overrides = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Experiment:
    """A checked experiment: ``maps`` x ``algs`` x ``seeds`` runs of ``t_max`` environment steps.

    ``overrides`` (the key ``with`` of the file) replace the trainer's defaults in all runs,
    ``alg_overrides`` and ``map_overrides`` (``overrides.algs``, ``overrides.maps``) in some.
    """

    name: str
    description: str
    env: str
    maps: tuple[str, ...]
    algs: tuple[str, ...]
    seeds: tuple[int, ...]
    t_max: int
    overrides: Overrides
    alg_overrides: dict[str, Overrides]
    map_overrides: dict[str, Overrides]

    def to_config(self) -> dict[str, Any]:
        """The experiment in the form of its file: what command lines pass on as JSON."""
        return {
            "experiment": self.name,
            "description": self.description,
            "env": self.env,
            "maps": list(self.maps),
            "algs": list(self.algs),
            "seeds": list(self.seeds),
            "t_max": self.t_max,
            "with": self.overrides,
            "overrides": {"algs": self.alg_overrides, "maps": self.map_overrides},
        }


def experiment_keys() -> set[str]:
    """The keys that an experiment file may hold."""
    return set(load_schema("experiment")["properties"])


def chosen_experiment(config: Mapping[str, Any], root: Path = ROOT) -> Experiment:
    """Return the experiment that Snakemake's ``config`` asks for.

    ``--configfile x.yaml`` brings a whole experiment; ``--config experiment=NAME`` names a file of
    ``configs/experiments``; neither means the default one. Files are never mixed: what the chosen
    file leaves out is not taken from another.

    Raises:
        PipelineError: no such file, or something in it is wrong.
    """
    given = {key: value for key, value in config.items() if key in experiment_keys()}
    if set(given) <= {"experiment"}:
        return read_experiment(str(given.get("experiment", DEFAULT)), root)
    return parse_experiment(given, "the experiment given by --configfile/--config", root)


def experiment_path(name: str, root: Path = ROOT) -> Path:
    """Return the experiment file called ``name``: one of configs/experiments, or a path.

    Raises:
        PipelineError: there is none; the message lists what there is.
    """
    folder = root / "configs" / "experiments"
    if name.endswith((".yaml", ".yml")):
        if not Path(name).is_file():
            raise PipelineError(f"experiment file {name}: no such file")
        return Path(name)
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(p.stem for p in folder.glob("*.yaml"))
        raise PipelineError(
            f"experiment={name}: no file {path.relative_to(root)}; known: {', '.join(known)}"
            f"{did_you_mean(name, known)}"
        )
    return path


def read_experiment(name: str, root: Path = ROOT) -> Experiment:
    """Read and check the experiment file called ``name`` (see :func:`experiment_path`).

    Raises:
        PipelineError: it does not exist, is not YAML, or is wrong.
    """
    path = experiment_path(name, root)
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PipelineError(
            f"{path}: cannot be read as YAML: {' '.join(str(error).split())}"
        ) from error
    if not isinstance(config, dict):
        raise PipelineError(f"{path}: expected 'key: value' lines, got {type(config).__name__}")
    return parse_experiment(config, str(path), root)


def parse_experiment(config: Mapping[str, Any], where: str, root: Path = ROOT) -> Experiment:
    """Check an experiment and return it; ``where`` names it in messages.

    Raises:
        PipelineError: a wrong key, type or name.
    """
    check_schema(config, "experiment", where)
    seeds = config["seeds"]
    if isinstance(seeds, dict):
        seeds = range(seeds["first"], seeds["first"] + seeds["count"])
    overrides = config.get("overrides") or {}
    experiment = Experiment(
        name=config["experiment"],
        description=config.get("description", ""),
        env=config["env"],
        maps=tuple(config["maps"]),
        algs=tuple(config["algs"]),
        seeds=tuple(map(int, seeds)),
        t_max=int(config["t_max"]),
        overrides=dict(config.get("with") or {}),
        alg_overrides=dict(overrides.get("algs") or {}),
        map_overrides=dict(overrides.get("maps") or {}),
    )
    _check_names(experiment, where, root)
    return experiment


def _check_names(experiment: Experiment, where: str, root: Path) -> None:
    """Refuse algorithms and envs without a file, and overrides for what is not run."""
    for key, folder, names in (
        ("env", "envs", (experiment.env,)),
        ("algs", "algs", experiment.algs),
    ):
        known = sorted({p.stem for p in (root / "configs" / folder).rglob("*.yaml")})
        for name in names:
            if name not in known:
                raise PipelineError(
                    f"{where}: {key}: no file configs/{folder}/{name}.yaml; "
                    f"known: {', '.join(known)}{did_you_mean(name, known)}"
                )
    for key, given, listed in (
        ("overrides.algs", experiment.alg_overrides, experiment.algs),
        ("overrides.maps", experiment.map_overrides, experiment.maps),
    ):
        for name in given:
            if name not in listed:
                raise PipelineError(
                    f"{where}: {key}: {name!r} is not run by this experiment ({', '.join(listed)})"
                    f"{did_you_mean(name, listed)}"
                )
