"""Where the built-in map files lie."""

import os
from pathlib import Path

from pymarl.errors import MapError


def maps_dir() -> Path:
    """Return the folder of the built-in maps.

    ``$PYMARL_CONFIG_DIR/maps``, the clone's, or the installed copy's, whichever is there first.

    Raises:
        MapError: there is none of them.
    """
    package = Path(__file__).parents[3]
    named = os.environ.get("PYMARL_CONFIG_DIR")
    candidates = [
        *([Path(named) / "maps"] if named else []),
        package.parent / "configs" / "maps",
        package / "_configs" / "maps",
    ]
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise MapError(
        f"no maps/ folder in {', '.join(str(c.parent) for c in candidates)}; "
        "run from a clone of the project or set PYMARL_CONFIG_DIR to its configs/ folder"
    )
