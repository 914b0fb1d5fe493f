"""Code of the user's own that adds to the registries, loaded before a configuration is read."""

import importlib
import importlib.util
import os
import sys
from pathlib import Path

from pymarl.errors import ConfigError

VARIABLE = "PYMARL_PLUGINS"


def load_plugins() -> list[str]:
    """Import the modules that ``PYMARL_PLUGINS`` names, once per process, and return the entries.

    Entries are separated by ``os.pathsep`` (a colon): module names, or paths of ``.py`` files.

    Raises:
        ConfigError: an entry cannot be imported; names it and the reason.
    """
    entries = [entry for entry in os.environ.get(VARIABLE, "").split(os.pathsep) if entry]
    for entry in entries:
        try:
            if entry.endswith(".py"):
                _load_file(Path(entry))
            else:
                importlib.import_module(entry)
        except Exception as error:  # whatever a plug-in does wrong is the user's to read
            raise ConfigError(
                f"{VARIABLE}: cannot import {entry!r}: {type(error).__name__}: {error}"
            ) from error
    return entries


def _load_file(path: Path) -> None:
    """Import a file as a module of its stem's name, unless it is loaded already."""
    name = path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(f"no file {path}")
    loaded = sys.modules.get(name)
    if loaded is not None and getattr(loaded, "__file__", None) == str(path):
        return
    # Environment workers are processes of their own: they import the module by its name.
    if str(path.parent.resolve()) not in sys.path:
        sys.path.append(str(path.parent.resolve()))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
