"""Where compiled kernels are kept: in folders that are named by all sources they were made of.

numba's own cache looks only at the file of the function that is called: a change in a helper of
another file would leave stale machine code behind. A folder whose name holds a hash of every kernel
source never meets an old cache: a changed kernel, another numba or another numpy is another folder.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from numba.core import config

from pymarl.kernels.sources import PACKAGE

_numba_config: Any = config  # its settings are created at run time


def cache_base() -> Path:
    """Return a writable folder for compiled kernels.

    ``NUMBA_CACHE_DIR``, the package, or the user's cache.
    """
    named = os.environ.get("NUMBA_CACHE_DIR")
    if named:
        return Path(named)
    if os.access(PACKAGE / "envs", os.W_OK):
        return PACKAGE / "envs" / "__pycache__" / "kernels"
    home = os.environ.get("XDG_CACHE_HOME") or (Path.home() / ".cache")
    base = Path(home) / "pymarl" / "kernels"
    try:
        base.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir()) / f"pymarl-kernels-{os.getuid()}"
    return base


@contextlib.contextmanager
def cached_in(folder: Path) -> Iterator[None]:
    """Let functions that are decorated inside keep their compiled code in ``folder``."""
    before = _numba_config.CACHE_DIR
    _numba_config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        _numba_config.CACHE_DIR = before


def once(
    marker: Path, work: Callable[[], None], waiting: Callable[[], None] = lambda: None
) -> bool:
    """Do ``work`` unless ``marker`` exists, in one process at a time; then make the marker.

    Args:
        marker: a file; it is not made when ``work`` raises. The lock lies beside it.
        work: what only one process needs to do.
        waiting: called when another process is at it and this one waits.

    Returns:
        Whether this process did the work.

    Raises:
        OSError: the marker's folder cannot be written.
    """
    if marker.exists():
        return False
    marker.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(marker.with_name("warm-up.lock"), os.O_CREAT | os.O_RDWR, 0o666)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        if marker.exists():
            return False
        work()
        marker.touch()
    finally:
        os.close(lock)
    return True
