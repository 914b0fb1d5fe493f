"""Checks a bundle against its manifest, and its figures against its tables."""

import hashlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.bundle.archive import read_bundle


@dataclass(frozen=True, slots=True)
class BundleCheck:
    """The result of checking a bundle of ``files`` files: sound when ``problems`` is empty."""

    files: int
    problems: tuple[str, ...]
    manifest: dict[str, Any]


def verify_bundle(path: Path, redraw: bool = False) -> BundleCheck:
    """Check an archive against its manifest; with ``redraw`` draw its figures again and compare.

    Raises:
        PipelineError: it is no bundle.
    """
    manifest, files = read_bundle(path)
    checksums = manifest["files"]
    problems = [f"missing: {name}" for name in sorted(set(checksums) - set(files))]
    problems += [f"not in the manifest: {name}" for name in sorted(set(files) - set(checksums))]
    for name in sorted(set(files) & set(checksums)):
        if hashlib.sha256(files[name]).hexdigest() != checksums[name]:
            problems.append(f"changed: {name}")
    if redraw and not problems:
        problems += _redraw_problems(files)
    return BundleCheck(len(files), tuple(problems), manifest)


def _redraw_problems(files: dict[str, bytes]) -> list[str]:
    """Draw the figures from the archive's tables and name those that come out different."""
    with tempfile.TemporaryDirectory() as folder:
        data, out = Path(folder, "data"), Path(folder, "figures")
        try:
            for name, content in files.items():
                if name.startswith("data/"):
                    target = data / name.removeprefix("data/")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content)
        except (OSError, ValueError) as error:  # one name inside another, or one that is too long
            return [f"cannot be unpacked: {error}"]
        arguments = ["-m", "analysis", "plot", "--data", str(data), "--out", str(out)]
        done = subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, check=False
        )
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
