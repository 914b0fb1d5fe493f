"""Writing the game's replays."""

import re
from pathlib import Path

from pymarl.errors import EnvError
from pymarl.utils import atomic

SUFFIX = ".SC2Replay"


def write_replay(data: bytes, folder: Path, prefix: str, episode_seed: int) -> Path:
    """Write a replay atomically, never over another file, and return its path.

    Raises:
        EnvError: the game gave no replay, or it cannot be written.
    """
    if not data:
        raise EnvError("the game gave an empty replay; nothing was written")
    safe = re.sub(r"[^A-Za-z0-9_.=-]", "_", prefix)
    path, n = folder / f"{safe}_seed={episode_seed}{SUFFIX}", 1
    while path.exists():
        n += 1
        path = folder / f"{safe}_seed={episode_seed}-{n}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        atomic.write_bytes(path, data)
    except OSError as error:
        raise EnvError(
            f"cannot write the replay {path}: {error.strerror}; free the disk or set replay_dir"
        ) from error
    return path
