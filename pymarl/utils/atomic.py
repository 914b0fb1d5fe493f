"""Files that are either there in full or not there at all."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

# Setting it is the only portable way to read it; done once, before other threads create files.
_UMASK = os.umask(0o022)
os.umask(_UMASK)


def write_bytes(path: Path | str, data: bytes) -> None:
    """Write ``data`` to ``path`` atomically: temporary file beside it, fsync, ``os.replace``.

    A reader (or a process killed at any instant) sees the old content or the new one, never a part.
    The folder must exist.

    Raises:
        OSError: the disk is full or the folder is not writable; the old file is untouched.
    """
    path = Path(path)
    descriptor, temporary = tempfile.mkstemp(
        prefix=f".{path.name}.", suffix=".tmp", dir=path.parent
    )
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes files private; results are meant to be shared like any other file.
        Path(temporary).chmod(0o666 & ~_UMASK)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_text(path: Path | str, text: str) -> None:
    """Write ``text`` as UTF-8 atomically; see :func:`write_bytes`."""
    write_bytes(path, text.encode())


def write_json(path: Path | str, value: Any) -> None:
    """Write ``value`` as indented JSON atomically; see :func:`write_bytes`.

    Raises:
        ValueError: ``value`` holds NaN or an infinity, which JSON does not know.
        TypeError: ``value`` holds something that is not JSON (a numpy scalar, say).
    """
    write_text(path, json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n")
