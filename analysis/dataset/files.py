"""Careful file access: bounded, regular files only, atomic writes.

Logs come from other people and from killed jobs. A FIFO or a device named ``info.json`` is not
opened and a file over the limit is not read; JSON that is nested too deeply or holds a number with
thousands of digits raises :class:`ResultError`.
"""

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.errors import ResultError

# Setting it is the only portable way to read it; done once, before other threads create files.
_UMASK = os.umask(0o022)
os.umask(_UMASK)

MAX_BYTES = 512 * 1024 * 1024  # info.json of a 2.05M-step run is about 1 MB


def read_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        ResultError: missing, not a regular file, over ``max_bytes``, or unreadable.
    """
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise ResultError(f"{path.name}: not a regular file")
        if info.st_size > max_bytes:
            raise ResultError(f"{path.name}: {info.st_size} bytes, over the limit of {max_bytes}")
        return path.read_bytes()
    except FileNotFoundError:
        raise ResultError(f"{path.name}: missing") from None
    except (OSError, ValueError) as err:
        raise ResultError(f"{path.name}: cannot be read ({err})") from err


def parse_json(data: bytes, name: str) -> Any:
    """Parse JSON bytes (``NaN``/``Infinity`` allowed, as Python writes them).

    Raises:
        ResultError: empty, not UTF-8, not JSON, nested too deeply, or a number too long to parse.
    """
    if not data.strip():
        raise ResultError(f"{name}: empty file")
    try:
        return json.loads(data)
    except UnicodeDecodeError as err:
        raise ResultError(f"{name}: not UTF-8 text ({err.reason})") from err
    except json.JSONDecodeError as err:
        where = f"line {err.lineno} column {err.colno}"
        raise ResultError(f"{name}: not valid JSON ({err.msg}, {where})") from err
    except RecursionError as err:
        raise ResultError(f"{name}: nested too deeply") from err
    except ValueError as err:
        raise ResultError(f"{name}: not usable JSON ({err})") from err


def read_json(path: Path, max_bytes: int = MAX_BYTES) -> Any:
    """Read and parse one JSON file; raises :class:`ResultError` with the reason."""
    return parse_json(read_bytes(path, max_bytes), path.name)


def read_object(path: Path, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """Read one JSON file whose top level must be an object."""
    value = read_json(path, max_bytes)
    if not isinstance(value, dict):
        raise ResultError(f"{path.name}: expected a JSON object, got {type(value).__name__}")
    return value


def check_format(data: dict[str, Any], name: str, wanted: str) -> None:
    """Check ``format`` and ``version`` of a JSON file.

    Raises:
        ResultError: another format, or a version other than 1.
    """
    found = (data.get("format"), data.get("version"))
    if found != (wanted, 1):
        shown = " version ".join(str(v)[:40] for v in found)
        raise ResultError(f"{name}: expected format '{wanted}' version 1, got {shown}")


def sha256_file(path: Path) -> str:
    """SHA-256 of a file as 64 hex digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary file beside ``path`` that replaces it when the block ends without an error.

    A reader sees the old bytes or the new ones, never a part; the folder is made if needed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as done:
            os.fsync(done.fileno())
        temporary.chmod(0o666 & ~_UMASK)  # mkstemp made it private
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file atomically."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write JSON atomically; keys keep their order, one trailing newline."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")
