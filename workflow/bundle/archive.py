"""One archive with everything that a published figure rests on, and its check."""

import hashlib
import io
import json
import lzma
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from workflow.containers.image import git_commit
from workflow.errors import PipelineError
from workflow.experiment.experiment_file import ROOT, Experiment
from workflow.experiment.training_runs import expand_runs

FORMAT = 1
# Tables of thousands of runs are megabytes; this only keeps a hostile archive from filling memory.
MOST_BYTES = 8 << 30
MANIFEST = "manifest.json"
LOCKS = ("pyproject.toml", "requirements.lock", "docker/requirements.lock", "docker/pins.env")
OUTPUTS = ("data", "figures", "tables", "report")
# What is small and says how a run came about; the series are in data/.
RUN_FILES = ("complete.json", "config.json", "provenance.json", "run.json")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check of a bundle found: ``problems`` is empty for a sound one."""

    files: int
    problems: tuple[str, ...]
    manifest: dict[str, Any]


def bundle_files(experiment: Experiment, workdir: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name in the archive, file) of everything that belongs to ``experiment``."""
    for name in LOCKS:
        yield f"code/{name}", ROOT / name
    for path in sorted((ROOT / "configs").rglob("*")):
        if path.is_file() and path.parent.name != "experiments":
            yield f"code/{path.relative_to(ROOT).as_posix()}", path
    for kind in OUTPUTS:
        folder = workdir / "results" / kind / experiment.name
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            yield f"{kind}/{path.relative_to(folder).as_posix()}", path
    for run in expand_runs(experiment):
        for name in RUN_FILES:
            path = workdir / run.folder / name
            if path.is_file():
                yield f"runs/{run.env}/{run.map}/{run.alg}/seed={run.seed}/{name}", path


def _provenance(experiment: Experiment, workdir: Path) -> dict[str, Any]:
    """What the runs say of themselves, each value once."""
    seen: dict[str, set[str]] = {"image_digest": set(), "code_sha256": set(), "git_commit": set()}
    found = 0
    for run in expand_runs(experiment):
        try:
            data = json.loads((workdir / run.folder / "provenance.json").read_text("utf-8"))
        except (OSError, ValueError):
            continue
        found += 1
        for key, values in seen.items():
            values.add(str(data.get(key)))
    return {"runs": found, **{key: sorted(values) for key, values in seen.items()}}


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
    contents["experiment.json"] = _json(experiment.to_config())
    manifest = {
        "format": FORMAT,
        "experiment": experiment.name,
        "source_commit": git_commit(),
        "provenance": _provenance(experiment, workdir),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = out.with_name(f".{out.name}.part")
    with tarfile.open(scratch, "w:xz", preset=6) as archive:
        for name, data in [(MANIFEST, _json(manifest)), *sorted(contents.items())]:
            info = tarfile.TarInfo(f"{experiment.name}/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    scratch.replace(out)
    return len(contents)


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def read_bundle(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the manifest and the files of an archive; nothing is unpacked to disk.

    Raises:
        PipelineError: it is no bundle of ours, or one made to do harm.
    """
    try:
        with tarfile.open(path, "r:*") as archive:
            files = dict(_entries(archive, path))
        manifest = json.loads(files.pop(MANIFEST))
        version, listed = manifest["format"], manifest["files"]
    except (
        OSError, tarfile.TarError, EOFError, LookupError, ValueError, TypeError,
        lzma.LZMAError, zlib.error,
    ) as error:  # fmt: skip
        raise PipelineError(f"{path}: not a readable bundle: {error!r}") from error
    if version != FORMAT:
        raise PipelineError(f"{path}: a manifest of format {version!r}, expected {FORMAT}")
    if not isinstance(listed, dict) or not all(isinstance(sum_, str) for sum_ in listed.values()):
        raise PipelineError(f"{path}: the manifest's 'files' is no table of names and checksums")
    return manifest, files


def _entries(archive: tarfile.TarFile, path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an archive, by their names below its one top folder.

    Raises:
        PipelineError: an entry that a bundle does not have: a link, a name that leads elsewhere or
            comes twice, more bytes than any bundle has.
    """
    tops, seen, size = set(), set(), 0
    for member in archive:
        parts = PurePosixPath(member.name).parts
        tops.add(parts[:1])
        name = "/".join(parts[1:])
        size += member.size
        odd = not member.isreg() or len(parts) < 2 or ".." in parts or parts[0] == "/"
        if odd or name in seen or len(tops) > 1:
            raise PipelineError(f"{path}: odd entry {member.name!r}; not a bundle of ours")
        if size > MOST_BYTES:
            raise PipelineError(f"{path}: unpacks to more than {MOST_BYTES >> 30} GiB; not read")
        seen.add(name)
        content = archive.extractfile(member)
        yield name, content.read() if content else b""


def verify_bundle(path: Path, redraw: bool = False) -> Verdict:
    """Check an archive against its manifest; with ``redraw`` draw its figures again and compare.

    Raises:
        PipelineError: it is no bundle.
    """
    manifest, files = read_bundle(path)
    listed = manifest["files"]
    problems = [f"missing: {name}" for name in sorted(set(listed) - set(files))]
    problems += [f"not in the manifest: {name}" for name in sorted(set(files) - set(listed))]
    for name in sorted(set(files) & set(listed)):
        if hashlib.sha256(files[name]).hexdigest() != listed[name]:
            problems.append(f"changed: {name}")
    if redraw and not problems:
        problems += _redraw(files)
    return Verdict(len(files), tuple(problems), manifest)


def _redraw(files: dict[str, bytes]) -> list[str]:
    """Draw the figures from the archive's tables and name those that come out different."""
    with tempfile.TemporaryDirectory() as scratch:
        data, out = Path(scratch, "data"), Path(scratch, "figures")
        try:
            for name, content in files.items():
                if name.startswith("data/"):
                    target = data / name.removeprefix("data/")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content)
        except (OSError, ValueError) as error:  # one name inside another, or one that is too long
            return [f"cannot be unpacked: {error}"]
        words = ["-m", "analysis", "plot", "--data", str(data), "--out", str(out)]
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            return [f"cannot be drawn again: {last}"]
        problems = []
        for name, content in sorted(files.items()):
            if name.startswith("figures/") and name.endswith(".svg"):
                drawn = out / name.removeprefix("figures/")
                if not drawn.is_file():
                    problems.append(f"not drawn again: {name}")
                elif drawn.read_bytes() != content:
                    problems.append(f"drawn differently: {name}")
        return problems
