"""Packages that only StarCraft II needs; the simulator runs without them."""

from importlib.util import find_spec

from pymarl.errors import ConfigError

_MODULES = {
    "pysc2": "pysc2",
    "s2clientprotocol": "pys2clientprotocol",
    "google.protobuf": "protobuf",
    "absl": "absl-py",
    "portpicker": "portpicker",
    "psutil": "psutil",
    "websocket": "websocket-client",
}
INSTALL = "pip install 'pymarl-pipeline[sc2]' && pip install --no-deps pysc2==4.0.0"


def require() -> None:
    """Check that the packages are there, without importing them.

    Raises:
        ConfigError: some are missing; with the command that installs them.
    """
    missing = [package for module, package in _MODULES.items() if not _found(module)]
    if missing:
        raise ConfigError(
            f"StarCraft II's protocol needs {', '.join(missing)}, not installed here; "
            f"run: {INSTALL} (in a clone: make setup), or use --env-config=sim"
        )


def _found(module: str) -> bool:
    """Return whether ``module`` can be imported."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
