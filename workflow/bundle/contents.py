"""Writes a bundle: one archive with everything that a published figure rests on."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workflow.bundle.archive import FORMAT, MANIFEST
from workflow.bundle.crate import EXPERIMENT, METADATA, README, SNAKEFILE, crate_metadata
from workflow.errors import PipelineError
from workflow.experiment.experiment_file import Experiment
from workflow.experiment.training_runs import expand_runs
from workflow.files import replacing
from workflow.source_tree import ROOT, git_commit

LOCKS = (
    "pyproject.toml",
    "requirements.lock",
    "docker/requirements.lock",
    "docker/pins.env",
    "docker/smac_maps.sha256",
)
RESULT_FOLDERS = ("data", "figures", "tables", "report")
# What is small and says how a run came about; the series are in data/.
RUN_FILES = ("complete.json", "config.json", "provenance.json", "run.json")


def bundle_files(experiment: Experiment, workdir: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name in the archive, file) of everything that belongs to ``experiment``."""
    yield SNAKEFILE, ROOT / "Snakefile"
    for name in LOCKS:
        yield f"code/{name}", ROOT / name
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")):
        yield f"code/workflow/rules/{path.name}", path
    for path in sorted((ROOT / "configs").rglob("*")):
        if path.is_file() and path.parent.name != "experiments":
            yield f"code/{path.relative_to(ROOT).as_posix()}", path
    for name in RESULT_FOLDERS:
        folder = workdir / "results" / name / experiment.name
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            yield f"{name}/{path.relative_to(folder).as_posix()}", path
    for run in expand_runs(experiment):
        for name in RUN_FILES:
            path = workdir / run.folder / name
            if path.is_file():
                yield f"runs/{run.env}/{run.map}/{run.alg_folder}/seed={run.seed}/{name}", path


def _provenance(experiment: Experiment, workdir: Path) -> dict[str, Any]:
    """The images, code hashes and commits that the runs recorded, each value once."""
    values_of: dict[str, set[str]] = {
        "image_digest": set(),
        "code_sha256": set(),
        "git_commit": set(),
    }
    found = 0
    for run in expand_runs(experiment):
        try:
            data = json.loads((workdir / run.folder / "provenance.json").read_text("utf-8"))
        except (OSError, ValueError):
            continue
        found += 1
        for key, values in values_of.items():
            values.add(str(data.get(key)))
    return {"runs": found, **{key: sorted(values) for key, values in values_of.items()}}


def write_bundle(experiment: Experiment, out: Path, workdir: Path = Path()) -> int:
    """Write the archive of ``experiment`` to ``out`` and return its number of files.

    The bytes depend on the files' names and contents alone.

    Raises:
        PipelineError: there are no figures yet.
    """
    files = dict(bundle_files(experiment, workdir))
    if not any(name.startswith("figures/") for name in files):
        raise PipelineError(
            f"{experiment.name} has no figures in results/figures/{experiment.name}: "
            f"make reproduce EXP={experiment.name} first (or make figures)"
        )
    contents = {name: path.read_bytes() for name, path in files.items()}
    contents[EXPERIMENT] = _json(experiment.to_config())
    commit = git_commit()
    contents[README] = _readme(experiment, commit)
    contents[METADATA] = crate_metadata(experiment.name, commit, contents)
    manifest = {
        "format": FORMAT,
        "experiment": experiment.name,
        "source_commit": commit,
        "provenance": _provenance(experiment, workdir),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
    }
    with replacing(out) as temporary, tarfile.open(temporary, "w:xz", preset=6) as archive:
        for name, data in [(MANIFEST, _json(manifest)), *sorted(contents.items())]:
            info = tarfile.TarInfo(f"{experiment.name}/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return len(contents)


def _readme(experiment: Experiment, commit: str) -> bytes:
    """What a person reads who unpacks the bundle."""
    lines = (
        f"# {experiment.name}",
        "An experiment of pymarl-pipeline: PyMARL on SMAC. `report/index.html` shows it, `figures/`"
        " and `tables/` are made from `data/`, `runs/` says how each training came about, `code/` "
        "holds the workflow's file, locks and configurations. `manifest.json` has the SHA-256 of "
        "every file, `ro-crate-metadata.json` describes all of it as a Workflow Run RO-Crate.",
        f"Made by the source at commit {commit}. To check it, in a checkout of that commit:",
        f"    make verify-bundle BUNDLE={experiment.name}.tar.xz",
        f"To do it all again: `make reproduce EXP={experiment.name}`.",
    )
    return ("\n\n".join(lines) + "\n").encode()


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()
