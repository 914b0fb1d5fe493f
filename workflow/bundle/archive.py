"""Reads a bundle: a tar archive that a stranger may have made, so nothing is unpacked to disk."""

import json
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from workflow.errors import PipelineError

FORMAT = 1
MANIFEST = "manifest.json"
# Tables of thousands of runs are megabytes; this only keeps a hostile archive from filling memory.
MAX_UNPACKED_BYTES = 8 << 30


def read_bundle(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the manifest and the files of an archive, by their names below its one top folder.

    Raises:
        PipelineError: it is not a bundle, or one made to do harm.
    """
    try:
        with tarfile.open(path, "r:*") as archive:
            files = dict(_entries(archive, path))
        manifest = json.loads(files.pop(MANIFEST))
        version, checksums = manifest["format"], manifest["files"]
    except (
        OSError,
        tarfile.TarError,
        EOFError,
        LookupError,
        ValueError,
        TypeError,
        lzma.LZMAError,
        zlib.error,
    ) as error:
        raise PipelineError(f"{path}: not a readable bundle: {error!r}") from error
    if version != FORMAT:
        raise PipelineError(f"{path}: a manifest of format {version!r}, expected {FORMAT}")
    if not isinstance(checksums, dict) or not all(map(_is_text, checksums.values())):
        raise PipelineError(f"{path}: the manifest's 'files' is no table of names and checksums")
    return manifest, files


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _entries(archive: tarfile.TarFile, path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an archive, by their names below its one top folder.

    Raises:
        PipelineError: an entry that a bundle does not have, or more bytes than any bundle has.
    """
    top, names, size = None, set[str](), 0
    for member in archive:
        parts = PurePosixPath(member.name).parts
        name = "/".join(parts[1:])
        top = parts[:1] if top is None else top
        problem = _problem(member, parts)
        if not problem and parts[:1] != top:
            problem = "is in a second top folder"
        if not problem and name in names:
            problem = "occurs twice"
        if problem:
            raise PipelineError(
                f"{path}: the entry {member.name!r} {problem}; a bundle holds only regular files "
                "with different names in one top folder. Nothing was unpacked; get the bundle "
                "again from a source that you trust"
            )
        size += member.size
        if size > MAX_UNPACKED_BYTES:
            raise PipelineError(
                f"{path}: unpacks to more than {MAX_UNPACKED_BYTES >> 30} GiB, which no bundle "
                "does; not read"
            )
        names.add(name)
        content = archive.extractfile(member)
        yield name, content.read() if content else b""


def _problem(member: tarfile.TarInfo, parts: tuple[str, ...]) -> str:
    """What is wrong with an entry by itself; empty when nothing is."""
    if not member.isreg():
        return "is not a regular file"
    if ".." in parts or parts[:1] == ("/",):
        return "leads out of the archive"
    return "" if len(parts) >= 2 else "is in no folder"
