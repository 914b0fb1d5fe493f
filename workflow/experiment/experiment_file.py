"""Experiment files: which one is chosen, whether it is right, and what it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from workflow.errors import PipelineError, did_you_mean
from workflow.experiment.schema_check import check_schema, load_schema, refuse_lists
from workflow.experiment.variants import PLAIN, Variant, check_lengths, combine, read_sweep
from workflow.source_tree import ROOT

DEFAULT = "demo"
Overrides = dict[str, Any]


class Word(str):
    """A setting as it was typed; it reaches the trainer as it is, without quotes."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Experiment:
    """A checked experiment: ``maps`` x ``algs`` x ``seeds`` runs of ``t_max`` environment steps.

    ``overrides`` (the key ``with`` of the file) replace the trainer's defaults in all runs,
    ``alg_overrides`` and ``map_overrides`` (``overrides.algs``, ``overrides.maps``) in some.
    ``sweep`` has, for each dotted key, the values that the algorithms ``sweep_algs`` are trained
    with, in every combination or pairwise (``sweep_mode``). ``source`` is the file, for messages.
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
    sweep: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    sweep_mode: str = "product"
    sweep_algs: tuple[str, ...] = ()
    source: str = ""

    def variants(self, alg: str) -> tuple[Variant, ...]:
        """The variants of ``alg`` that are trained, in the file's order of values."""
        if alg not in self.sweep_algs:
            return (PLAIN,)
        return combine(self.sweep, self.sweep_mode, self.source)

    def to_config(self) -> dict[str, Any]:
        """The experiment in the form of its file: what command lines pass on as JSON."""
        swept: dict[str, Any] = {}
        if self.sweep:
            swept = {
                "sweep": {key: list(values) for key, values in self.sweep.items()},
                "sweep_mode": self.sweep_mode,
                "sweep_algs": list(self.sweep_algs),
            }
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
            **swept,
        }


def experiment_keys() -> set[str]:
    """The keys that an experiment file may hold."""
    return set(load_schema("experiment")["properties"])


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
    return parse_experiment(load_experiment(path), str(path), root)


def load_experiment(path: Path) -> dict[str, Any]:
    """Return the content of an experiment file, unchecked.

    Raises:
        PipelineError: it cannot be read, is not YAML, or holds no keys.
    """
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PipelineError(
            f"{path}: cannot be read as YAML: {' '.join(str(error).split())}"
        ) from error
    if not isinstance(config, dict):
        raise PipelineError(f"{path}: expected 'key: value' lines, got {type(config).__name__}")
    return config


def parse_experiment(config: Mapping[str, Any], where: str, root: Path = ROOT) -> Experiment:
    """Check an experiment and return it; ``where`` names it in messages.

    Raises:
        PipelineError: a wrong key, type or name.
    """
    refuse_lists(config, where)
    check_schema(config, "experiment", where)
    seeds = config["seeds"]
    if isinstance(seeds, dict):
        seeds = range(seeds["first"], seeds["first"] + seeds["count"])
    overrides = config.get("overrides") or {}
    sweep = read_sweep(flatten(config.get("sweep") or {}), where)
    swept = tuple(config.get("sweep_algs") or config["algs"]) if sweep else ()
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
        sweep=sweep,
        sweep_mode=config.get("sweep_mode", "product"),
        sweep_algs=swept,
        source=where,
    )
    _check_names(experiment, where, root)
    _check_sweep(experiment, config, where)
    return experiment


def flatten(overrides: Overrides, prefix: str = "") -> Overrides:
    """Return nested overrides with dotted keys: ``{"a": {"b": 7}}`` becomes ``{"a.b": 7}``."""
    flat: Overrides = {}
    for key, value in overrides.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            flat.update(flatten(value, f"{name}."))
        else:
            flat[name] = value
    return flat


def _check_sweep(experiment: Experiment, config: Mapping[str, Any], where: str) -> None:
    """Refuse what would have no effect, and names that are too long.

    Raises:
        PipelineError: says which key.
    """
    if not experiment.sweep:
        for key in ("sweep_mode", "sweep_algs"):
            if key in config:
                raise PipelineError(f"{where}: {key}: there is no 'sweep' that it could belong to")
        return
    layers = [
        (f"overrides.algs.{alg}", experiment.alg_overrides.get(alg) or {})
        for alg in experiment.sweep_algs
    ] + [
        (f"overrides.maps.{name}", layer or {}) for name, layer in experiment.map_overrides.items()
    ]
    for name, layer in layers:
        for key in flatten(layer):
            if key in experiment.sweep:
                raise PipelineError(
                    f"{where}: {name}.{key}: 'sweep' sets it, too; remove one of the two"
                )
    variants = combine(experiment.sweep, experiment.sweep_mode, where)
    check_lengths(experiment.sweep_algs, variants, where)


def _check_names(experiment: Experiment, where: str, root: Path) -> None:
    """Refuse algorithms and envs without a file, and overrides for what is not run."""
    for key, folder, names in (
        ("env", "envs", (experiment.env,)),
        ("algs", "algs", experiment.algs),
    ):
        known = sorted(p.stem for p in (root / "configs" / folder).glob("*.yaml"))
        for name in names:
            if name not in known:
                raise PipelineError(
                    f"{where}: {key}: no file configs/{folder}/{name}.yaml; "
                    f"known: {', '.join(known)}{did_you_mean(name, known)}"
                )
    for key, given, listed in (
        ("overrides.algs", experiment.alg_overrides, experiment.algs),
        ("overrides.maps", experiment.map_overrides, experiment.maps),
        ("sweep_algs", experiment.sweep_algs, experiment.algs),
    ):
        for name in given:
            if name not in listed:
                raise PipelineError(
                    f"{where}: {key}: {name!r} is not run by this experiment ({', '.join(listed)})"
                    f"{did_you_mean(name, listed)}"
                )
