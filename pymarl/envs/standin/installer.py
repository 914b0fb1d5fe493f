"""A StarCraft II folder without StarCraft II: executable, map files and a marker."""

import json
import sys
from pathlib import Path
from typing import Any, Final

from pymarl.envs.smac.maps.map_spec import map_names
from pymarl.envs.standin import version
from pymarl.envs.standin.protocol.local_map import placeholder
from pymarl.envs.starcraft2.client.server_identity import STANDIN_MARK
from pymarl.errors import ConfigError
from pymarl.utils.atomic import write_bytes, write_text

_GAME_FILES: Final = (".build.info", "SC2Data", "Battle.net", "Interfaces")
_README: Final = """\
This folder looks like a StarCraft II installation to programs that speak its API. It is none: it
holds a {what}. Versions/*/SC2_x64 starts the server of pymarl-pipeline's
simulator, and the files in Maps/ are placeholders that only name a map.

    export SC2PATH={root}

Written by: python -m pymarl.envs.standin install {root}
"""


def wrapper(python: str, launch: Path) -> str:
    """Return the executable: it starts ``launch.py`` with this Python, whatever the caller has set.

    ``-I`` shuts out the caller's PYTHONPATH and working folder: clients are often run from a
    checkout that has a package ``pymarl`` of its own.
    """
    return (
        "#!/bin/sh\n"
        f"# {STANDIN_MARK}: the server of pymarl-pipeline's simulator (SC2 API).\n"
        f'exec {_quote(python)} -I {_quote(str(launch))} "$@"\n'
    )


def _quote(text: str) -> str:
    """Return ``text`` as one word of a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def is_standin_folder(folder: Path) -> bool:
    """Return whether ``folder`` (an SC2PATH) holds a stand-in rather than the game."""
    return (folder / version.FOLDER_MARKER).is_file()


def install(folder: Path, *, force: bool = False) -> int:
    """Write the folder and return the number of maps.

    An existing stand-in is completed; with ``force`` it may be one of another Python or checkout.

    Raises:
        ConfigError: the folder holds something else (a game is never touched), belongs to another
            installation, or cannot be written.
    """
    folder = folder.expanduser().absolute()
    launch = Path(__file__).resolve().with_name("launch.py")
    marker = {
        "what": STANDIN_MARK,
        "base_build": version.BASE_BUILD,
        "python": sys.executable,
        "launch": str(launch),
    }
    _check_folder(folder, marker, force=force)
    names = map_names()
    try:
        executable = folder / version.EXECUTABLE
        maps = folder / version.MAPS_FOLDER
        for subfolder in (executable.parent, maps, folder / "Libs", folder / "Replays"):
            subfolder.mkdir(parents=True, exist_ok=True)
        # The marker first: a folder that was left half-written is recognised as a stand-in.
        write_text(
            folder / version.FOLDER_MARKER, json.dumps(marker, indent=2, sort_keys=True) + "\n"
        )
        write_text(folder / "README.txt", _README.format(what=STANDIN_MARK, root=folder))
        for name in names:
            write_bytes(maps / f"{name}.SC2Map", placeholder(name))
        write_text(executable, wrapper(sys.executable, launch))
        executable.chmod(0o755)
    except OSError as error:
        raise ConfigError(f"{folder}: cannot write the stand-in: {error}") from error
    return len(names)


def _check_folder(folder: Path, marker: dict[str, Any], *, force: bool) -> None:
    """Refuse a folder that is not empty and not a stand-in of this installation."""
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder}: this is a file; name a folder for the stand-in")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    game = [name for name in _GAME_FILES if (folder / name).exists()]
    game += [str(path.relative_to(folder)) for path in _foreign_builds(folder)]
    if game:
        raise ConfigError(
            f"{folder}: StarCraft II is installed here ({game[0]}); it is never overwritten. "
            "Name another folder for the stand-in"
        )
    if not is_standin_folder(folder):
        raise ConfigError(
            f"{folder}: this folder is not empty and no stand-in; name a new or an empty one"
        )
    try:
        found = json.loads((folder / version.FOLDER_MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if found != marker and not force:
        raise ConfigError(
            f"{folder}: this stand-in was installed by another Python or checkout ({found}); "
            "renew it with --force"
        )


def _foreign_builds(folder: Path) -> list[Path]:
    """Return executables of StarCraft II builds that are not our wrapper."""
    found = []
    for path in sorted((folder / "Versions").glob("Base*/*")):
        is_standin = False
        if path == folder / version.EXECUTABLE and path.is_file():
            with path.open("rb") as stream:
                is_standin = STANDIN_MARK.encode() in stream.read(4096)
        if not is_standin:
            found.append(path)
    return found
