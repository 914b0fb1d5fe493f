"""Checks that an environment can be started at all, made before a run folder is touched."""

from collections.abc import Mapping
from typing import Any

from pymarl.envs.smac.maps.map_spec import load_map
from pymarl.envs.starcraft2 import needs
from pymarl.envs.starcraft2.install import find_game, find_map


def check_env(env: str, env_args: Mapping[str, Any]) -> None:
    """Check the map and, for StarCraft II, its packages, the installed game and the map's file.

    Raises:
        ConfigError: what is missing and what to do; names ``--env-config=sim`` when the game is not
            there.
    """
    if env == "sim":
        load_map(env_args["map_name"], env_args["map_file"] or None)
    elif env == "sc2":
        spec = load_map(env_args["map_name"], env_args["map_file"] or None)
        needs.require()
        find_map(find_game(env_args["game_version"]).root, spec)
    elif env == "smac":
        needs.require()
        needs.require_upstream()
        find_game(env_args["game_version"])
