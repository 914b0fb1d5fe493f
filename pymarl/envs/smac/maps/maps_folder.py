"""Where the built-in map files and other files of ``configs/`` lie."""

import os
from pathlib import Path

from pymarl.errors import MapError


def config_places(name: str) -> list[Path]:
    """Return where ``configs/<name>`` may lie, the first to be looked at first.

    In ``$PYMARL_CONFIG_DIR``, in the clone's ``configs/``, and in the installed copy.
    """
    package = Path(__file__).parents[3]
    named = os.environ.get("PYMARL_CONFIG_DIR")
    return [
        *([Path(named) / name] if named else []),
        package.parent / "configs" / name,
        package / "_configs" / name,
    ]


def maps_dir() -> Path:
    """Return the folder of the built-in maps.

    ``$PYMARL_CONFIG_DIR/maps``, the clone's, or the installed copy's, whichever is there first.

    Raises:
        MapError: there is none of them.
    """
    candidates = config_places("maps")
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise MapError(
        f"no maps/ folder in {', '.join(str(c.parent) for c in candidates)}; "
        "run from a clone of the project or set PYMARL_CONFIG_DIR to its configs/ folder"
    )
