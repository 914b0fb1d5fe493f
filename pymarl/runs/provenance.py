"""Where a result comes from: code, packages, machine, command."""

import functools
import hashlib
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from pymarl.registries import ENVS

PACKAGES = (
    "torch",
    "numpy",
    "numba",
    "sacred",
    "pydantic",
    "PyYAML",
    "pysc2",
    "pys2clientprotocol",
)
FORMAT = 1
_PROJECT = Path(__file__).parents[2]


def run_provenance(env: str, seed: int, threads: int) -> dict[str, Any]:
    """Return what is known of a run before it starts: backend, code, packages, machine, command."""
    return {
        "format": FORMAT,
        "backend": env,
        "backend_label": ENVS.label_of(env),
        "sc2_build": None,
        "engine_version": None,
        **code_provenance(),
        "git_dirty": bool(
            _git("status", "--porcelain", "--untracked-files=no", "--", "pymarl", "configs")
        ),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        # Where packages may come from: in a container nothing of the host's may be here.
        "site_packages": [entry for entry in sys.path if entry.endswith("-packages")],
        "seed": seed,
        "threads": threads,
        "platform": platform.platform(),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "image_digest": os.environ.get("PYMARL_IMAGE_DIGEST"),
        "resumes": 0,
    }


@functools.cache  # what runs is what was there at the start, whatever changes on the disk later
def code_provenance() -> dict[str, str | None]:
    """Return ``git_commit`` and ``code_sha256``, which identify this code.

    ``code_sha256`` covers every .py and .yaml file of the package and of configs/, so that runs of
    different code differ in it outside git as well.
    """
    return {
        # In the container image there is no git: its build sets the variable.
        "git_commit": _git("rev-parse", "HEAD") or os.environ.get("PYMARL_GIT_COMMIT"),
        "code_sha256": _code_sha256(),
    }


def _version(package: str) -> str | None:
    """Return the installed version of a package, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _git(*arguments: str) -> str | None:
    """Return the output of a git command in the project's folder, or None outside a clone."""
    try:
        done = subprocess.run(
            ["git", "-C", str(_PROJECT), *arguments],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _code_sha256() -> str:
    """Return one digest over the package's sources and the configuration files."""
    digest = hashlib.sha256()
    for folder in (_PROJECT / "pymarl", _PROJECT / "configs"):
        for path in sorted((*folder.rglob("*.py"), *folder.rglob("*.yaml"))):
            digest.update(
                str(path.relative_to(_PROJECT)).encode() + b"\0" + path.read_bytes() + b"\0"
            )
    return digest.hexdigest()
