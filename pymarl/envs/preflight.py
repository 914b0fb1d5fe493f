"""Checks that an environment can be started at all, made before a run folder is touched."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pymarl.envs.smac.maps import load_map
from pymarl.errors import ConfigError


def check_env(env: str, env_args: Mapping[str, Any]) -> None:
    """Check the map and, for StarCraft II, the installed game.

    Raises:
        ConfigError: what is missing and what to do; names ``--env-config=sim`` when the game is not
            there.
    """
    if env == "sc2":
        _check_starcraft2()
    if env in ("sim", "sc2"):
        load_map(env_args["map_name"], env_args["map_file"] or None)


def _check_starcraft2() -> None:
    """Refuse ``env=sc2`` where it cannot run."""
    place = Path(os.environ.get("SC2PATH", "~/StarCraftII")).expanduser()
    if not (place / "Versions").is_dir():
        raise ConfigError(
            f"--env-config=sc2: no StarCraft II at SC2PATH={place} "
            f"(expected the folder {place}/Versions); install the game and set SC2PATH, "
            "or use --env-config=sim, the embedded simulator of the same maps"
        )
    raise ConfigError(
        f"--env-config=sc2: StarCraft II was found at {place}, "
        "but this version of the program cannot drive it yet; "
        "use --env-config=sim, the embedded simulator of the same maps"
    )
