"""Finding the installed game, its version, and the map's file."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.errors import ConfigError

DEFAULT_FOLDER = "~/StarCraftII"
SMAC_MAPS = "SMAC_Maps"
_BUILD = re.compile(r"Base(\d{5,})")


@dataclass(frozen=True, slots=True)
class Installation:
    """An installed game.

    Attributes:
        root: ``SC2PATH``.
        executable: of the chosen version.
        version: as configured, or ``latest``.
        build: number of the build.
        data_version: hash of the game's data that this version wants, or None for its own choice.
        environment: environment variables of the game's process.
    """

    root: Path
    executable: Path
    version: str
    build: int
    data_version: str | None
    environment: dict[str, str]


@dataclass(frozen=True, slots=True)
class MapFile:
    """A ``.SC2Map`` file.

    Attributes:
        path: of the file.
        name: the map's path in requests: relative to the game's Maps folder if it lies there.
        sha256: of the file.
        data: its bytes; they are sent to the game.
    """

    path: Path
    name: str
    sha256: str
    data: bytes


def find_game(version: str | None) -> Installation:
    """Return the game at ``SC2PATH`` in ``version`` (None: the newest build that is installed).

    Versions and their data hashes are pysc2's list.

    Raises:
        ConfigError: there is no game, or not in this version; says what is there.
    """
    root = Path(os.environ.get("SC2PATH") or DEFAULT_FOLDER).expanduser().absolute()
    if not (root / "Versions").is_dir():
        raise ConfigError(
            f"--env-config=sc2: no StarCraft II at SC2PATH={root} "
            f"(expected the folder {root}/Versions); install the game and set SC2PATH "
            "(docs/environments/starcraft2.md), or use --env-config=sim, the embedded simulator of "
            "the same maps"
        )
    builds = sorted(
        int(found[1])
        for entry in (root / "Versions").iterdir()
        if (found := _BUILD.fullmatch(entry.name))
    )
    if not builds:
        raise ConfigError(
            f"SC2PATH={root}: Versions/ holds no Base<build> folder; the game is not fully unpacked"
        )
    chosen, config = _choose_version(version, builds, root)
    executable = root / "Versions" / f"Base{chosen.build_version:05d}" / "SC2_x64"
    if not (executable.is_file() and os.access(executable, os.X_OK)):
        raise ConfigError(
            f"SC2PATH={root}: {executable.relative_to(root)} is not an executable file; "
            "unpack the Linux version of the game again"
        )
    return Installation(
        root,
        executable,
        str(chosen.game_version),
        int(chosen.build_version),
        chosen.data_version,
        dict(config.env),
    )


def _choose_version(version: str | None, builds: list[int], root: Path) -> tuple[Any, Any]:
    """Return pysc2's record of the version and its run configuration."""
    from absl import flags
    from pysc2 import run_configs
    from pysc2.lib.sc_process import SC2LaunchError

    if not flags.FLAGS.is_parsed():
        flags.FLAGS.mark_as_parsed()
    # SMAC's users write the build behind the version, pysc2 does not: 4.6.2.69232 is its 4.6.2.
    release = ".".join(version.split(".")[:3]) if version else None
    try:
        config = run_configs.get(version=release)
    except (ValueError, KeyError, SC2LaunchError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(
            f"env_args.game_version={version!r}: not at SC2PATH={root}, "
            f"which has build {', '.join(map(str, builds))} ({reason})"
        ) from error
    return config.version, config


def find_map(root: Path, spec: MapSpec) -> MapFile:
    """Return the ``.SC2Map`` file of a map.

    It is the one that the map file names (``starcraft2: file``), beside the map file or in the
    game's Maps folder, or else ``<name>.SC2Map`` anywhere in the Maps folder, SMAC's first.

    Raises:
        ConfigError: there is none, or its sha256 is not the one that the map file states.
    """
    maps = root / "Maps"
    file_name = spec.game.file or f"{spec.name}.SC2Map"
    candidates = [maps / SMAC_MAPS / file_name, maps / file_name]
    if spec.game.file:
        candidates = [spec.game.folder / file_name, *candidates]
    path = next((candidate for candidate in candidates if candidate.is_file()), None)
    if path is None and not spec.game.file:
        path = min(maps.rglob(file_name), default=None)
    if path is None:
        searched = ", ".join(map(str, candidates))
        raise ConfigError(
            f"map {spec.name}: no file {file_name} ({searched}); put it into {maps / SMAC_MAPS}, "
            "or name it in a map file of your own (starcraft2: file, see "
            "docs/environments/starcraft2.md)"
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"map {spec.name}: {path}: cannot read: {error.strerror}") from error
    digest = hashlib.sha256(data).hexdigest()
    if spec.game.sha256 and digest != spec.game.sha256.lower():
        raise ConfigError(
            f"map {spec.name}: {path}: sha256 is {digest}, the map file says {spec.game.sha256}; "
            "this is another file than the one the map file was written for"
        )
    name = str(path.relative_to(maps)) if path.is_relative_to(maps) else path.name
    return MapFile(path, name, digest, data)
