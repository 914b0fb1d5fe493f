"""Packages that only StarCraft II needs; the simulator runs without them."""

from importlib.util import find_spec

from pymarl.errors import ConfigError

_PACKAGES = {  # by the module that is imported
    "pysc2": "pysc2",
    "s2clientprotocol": "pys2clientprotocol",
    "google.protobuf": "protobuf",
    "absl": "absl-py",
    "portpicker": "portpicker",
    "psutil": "psutil",
    "websocket": "websocket-client",
}
INSTALL_COMMAND = "pip install 'pymarl-pipeline[sc2]' && pip install --no-deps pysc2==4.0.0"


def check_packages() -> None:
    """Check that the packages are there, without importing them.

    Raises:
        ConfigError: some are missing; with the command that installs them.
    """
    missing = [name for module, name in _PACKAGES.items() if not is_importable(module)]
    if missing:
        raise ConfigError(
            f"StarCraft II's protocol needs {', '.join(missing)}, not installed here; "
            f"run: {INSTALL_COMMAND} (in a clone: make setup), or use --env-config=sim"
        )


def check_upstream_package() -> None:
    """Check that upstream's SMAC is there, without importing it.

    Raises:
        ConfigError: it is not; with the command that installs it.
    """
    if not is_importable("smac.env"):
        raise ConfigError(
            "--env-config=smac: upstream's package smac is not installed (or another package of "
            "that name is: PyPI's 'smac' is something else); "
            "run: pip install --no-deps git+https://github.com/oxwhirl/smac.git, "
            "or use --env-config=sc2, this project's own environment of the same game"
        )


def is_importable(module: str) -> bool:
    """Return whether ``module`` can be imported."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
