"""The image's build context: which files it holds, and the digest that names the image."""

import hashlib
import io
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from workflow.source_tree import ROOT

# The same list as .dockerignore, for builds by hand; a test compares the two.
PARTS = (
    "analysis",
    "configs",
    "docker/Dockerfile",
    "docker/fetch-git.sh",
    "docker/fetch.sh",
    "docker/install-sc2.sh",
    "docker/install-smac.sh",
    "docker/pins.env",
    "docker/requirements.lock",
    "docker/smac_maps.sha256",
    "pymarl",
    "workflow/scripts/gpu-slot",
    "workflow/scripts/run-python",
    "workflow/scripts/run-training",
)
EXCLUDED_FOLDER = "configs/experiments"
# Backups and caches are no source; hidden files (a .env with a token) are left out by _files.
EXCLUDED_SUFFIXES = (".pyc", ".pyo", "~", ".bak", ".orig", ".rej")
WHEELS = "wheelhouse"
DIGEST_DIGITS = 16


def _files(root: Path, name_in_root: str) -> Iterator[Path]:
    path = root / name_in_root
    found = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    for file in found:
        name = file.relative_to(root).as_posix()
        parts = name.split("/")
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        # An empty wheelhouse must be there all the same.
        hidden = hidden and parts[-1] != ".gitkeep"
        if (
            not hidden
            and not name.endswith(EXCLUDED_SUFFIXES)
            and not name.startswith(EXCLUDED_FOLDER)
        ):
            yield file


def context_files(root: Path = ROOT) -> list[Path]:
    """Return the files that the image is made of, without the wheels of an offline build."""
    return sorted(file for part in PARTS for file in _files(root, part))


def context_digest(base_image: str, build_args: Mapping[str, str], root: Path = ROOT) -> str:
    """Return what names the image: a hash of its files' names and bytes and of the build arguments.

    Times and owners do not count: a touched file is the same file. The wheels of an offline build
    do not count either: what they hold is pinned by version and hash in files that do.
    """
    digest = hashlib.sha256()
    for key, value in sorted({**build_args, "BASE_IMAGE": base_image}.items()):
        digest.update(f"{key}={value}\0".encode())
    for file in context_files(root):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:DIGEST_DIGITS]


def context_archive(root: Path = ROOT) -> io.BytesIO:
    """Return the context as a tar archive without times and owners: layers are found again."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for file in [*context_files(root), *_files(root, WHEELS)]:
            info = tarfile.TarInfo(file.relative_to(root).as_posix())
            info.size = file.stat().st_size
            info.mode = 0o755 if file.stat().st_mode & 0o100 else 0o644
            with file.open("rb") as content:
                archive.addfile(info, content)
    buffer.seek(0)
    return buffer
