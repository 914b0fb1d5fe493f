"""What one call of Snakemake is asked to do: the experiment and the way to run it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.errors import PipelineError, did_you_mean
from workflow.experiment.command_line import chosen_experiment, parse_flag
from workflow.experiment.experiment_file import Experiment, experiment_keys
from workflow.experiment.schema_check import check_schema, load_schema
from workflow.experiment.training_runs import TrainingRun, expand_runs
from workflow.source_tree import ROOT


@dataclass(frozen=True, slots=True)
class Selection:
    """The checked configuration of one call: the experiment, its runs and the pipeline settings.

    ``by_wildcards`` has the runs by map, folder of the algorithm and seed.
    """

    experiment: Experiment
    runs: tuple[TrainingRun, ...]
    pipeline: dict[str, Any]
    by_wildcards: dict[tuple[str, str, int], TrainingRun]

    @property
    def partial(self) -> bool:
        """Whether to draw from complete runs only and to train nothing."""
        return bool(self.pipeline.get("partial", False))

    @property
    def alg_folders(self) -> list[str]:
        """The folders of all algorithms and variants."""
        return list(dict.fromkeys(run.alg_folder for run in self.runs))

    def run(self, map_name: str, alg_folder: str, seed: str | int) -> TrainingRun:
        """Return the run of these wildcards.

        Raises:
            PipelineError: the experiment has no such run.
        """
        try:
            return self.by_wildcards[map_name, alg_folder, int(seed)]
        except KeyError:
            raise PipelineError(
                f"{self.experiment.name} has no run {map_name} {alg_folder} seed={seed}"
            ) from None

    def wanted_sentinels(self, workdir: Path = Path()) -> list[str]:
        """The sentinels that the figures need: all, or with ``partial`` those that exist."""
        return [
            str(run.sentinel)
            for run in self.runs
            if not self.partial or (workdir / run.sentinel).is_file()
        ]


def read_selection(
    config: Mapping[str, Any],
    root: Path = ROOT,
    typed: Mapping[str, Any] | None = None,
    files: Sequence[Path] = (),
) -> Selection:
    """Check Snakemake's ``config`` and return what it asks for.

    Args:
        config: of ``--configfile`` and ``--config`` together.
        root: the source tree.
        typed: of ``--config`` alone: texts in it are read as what they were typed for.
        files: of ``--configfile``, for messages.

    Raises:
        PipelineError: an unknown key, experiment, algorithm or env, or a wrong value.
    """
    known = set(load_schema("pipeline")["properties"])
    for key in (*config, *(typed or {})):
        if key not in known | experiment_keys():
            names = sorted(known | experiment_keys())
            raise PipelineError(
                f"--config {key}: unknown; known: {', '.join(names)}{did_you_mean(str(key), names)}"
            )
    pipeline = {key: parse_flag(value) for key, value in config.items() if key in known}
    check_schema(pipeline, "pipeline", "--config")
    experiment = chosen_experiment(config, typed or {}, root, files)
    runs = tuple(expand_runs(experiment))
    by_wildcards = {(run.map, run.alg_folder, run.seed): run for run in runs}
    return Selection(experiment, runs, pipeline, by_wildcards)
