"""What one call of Snakemake is asked to do: the experiment and the way to run it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.errors import PipelineError, did_you_mean
from workflow.experiment.experiment_file import Experiment, chosen_experiment, experiment_keys
from workflow.experiment.schema_check import check_schema, load_schema
from workflow.experiment.training_runs import TrainingRun, expand_runs
from workflow.source_tree import ROOT


@dataclass(frozen=True, slots=True)
class Selection:
    """The checked configuration of one call: the experiment, its runs and the pipeline settings."""

    experiment: Experiment
    runs: tuple[TrainingRun, ...]
    pipeline: dict[str, Any]
    by_name: dict[tuple[str, str, int], TrainingRun]

    @property
    def partial(self) -> bool:
        """Whether to draw from complete runs only and to train nothing."""
        return bool(self.pipeline.get("partial", False))

    def run(self, map_name: str, alg: str, seed: str | int) -> TrainingRun:
        """Return the run of these wildcards.

        Raises:
            PipelineError: the experiment has no such run.
        """
        try:
            return self.by_name[map_name, alg, int(seed)]
        except KeyError:
            raise PipelineError(
                f"{self.experiment.name} has no run {map_name} {alg} seed={seed}"
            ) from None

    def wanted_sentinels(self, workdir: Path = Path()) -> list[str]:
        """The sentinels that the figures need: all, or with ``partial`` those that exist."""
        return [
            str(run.sentinel)
            for run in self.runs
            if not self.partial or (workdir / run.sentinel).is_file()
        ]


def read_selection(config: Mapping[str, Any], root: Path = ROOT) -> Selection:
    """Check Snakemake's ``config`` and return what it asks for.

    Raises:
        PipelineError: an unknown key, experiment, algorithm or env, or a wrong value.
    """
    known = set(load_schema("pipeline")["properties"])
    for key in config:
        if key not in known | experiment_keys():
            names = sorted(known | experiment_keys())
            raise PipelineError(
                f"--config {key}: unknown; known: {', '.join(names)}{did_you_mean(str(key), names)}"
            )
    pipeline = {key: _parse_flag(value) for key, value in config.items() if key in known}
    check_schema(pipeline, "pipeline", "--config")
    experiment = chosen_experiment(config, root)
    runs = tuple(expand_runs(experiment))
    by_name = {(run.map, run.alg, run.seed): run for run in runs}
    return Selection(experiment, runs, pipeline, by_name)


def _parse_flag(value: Any) -> Any:
    """``--config partial=true`` arrives as a string: Snakemake knows only Python's ``True``."""
    return (
        {"true": True, "false": False}.get(value.lower(), value)
        if isinstance(value, str)
        else value
    )
