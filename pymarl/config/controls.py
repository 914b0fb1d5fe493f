"""Control policies: agents that lack one faculty, to see how much a task needs it.

- ``open_loop``: an agent sees nothing but the time (and its number, which the controller adds). It
  can only learn a fixed sequence of actions.
- ``blind``: an agent sees no enemies.
- ``memoryless``: an agent remembers nothing of the steps before.

Availability of actions and the state that training uses stay as they are, as in SMACv2's open-loop
runs: a mask still tells which enemies are in range.
"""

import copy
from typing import Any, Final

from pymarl.errors import ConfigError
from pymarl.utils.suggest import did_you_mean

NO_CONTROL: Final = "none"
CONTROLS: Final[dict[str, dict[str, Any]]] = {
    NO_CONTROL: {},
    "open_loop": {"env_args": {"obs_starcraft": False, "obs_timestep_number": True}},
    "blind": {"env_args": {"obs_enemies": False}},
    "memoryless": {"agent": "memoryless"},
}
"""What each control sets in a configuration."""


def with_control(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration with what its key ``control`` stands for.

    Raises:
        ConfigError: the control is unknown, or the environment has not the arguments it sets.
    """
    name = tree.get("control", NO_CONTROL)
    if name not in CONTROLS:
        raise ConfigError(
            f"control={name!r}: unknown; known: {', '.join(CONTROLS)}"
            f"{did_you_mean(str(name), CONTROLS)}"
        )
    changed = copy.deepcopy(tree)
    for key, value in CONTROLS[name].items():
        if key != "env_args":
            changed[key] = value
            continue
        env_args = changed.setdefault("env_args", {})
        missing = [argument for argument in value if argument not in env_args]
        if missing:
            raise ConfigError(
                f"control={name}: env={tree.get('env')} has no env_args.{missing[0]}; this control "
                "is for the maps of SMAC (env=sim, env=sc2)"
            )
        env_args.update(value)
    return changed
