"""YAML as users write it: ``1e-5`` is a number, ``None`` is null."""

import re
from typing import Any

import yaml

from pymarl.errors import ConfigError

Tree = dict[str, Any]


class Loader(yaml.SafeLoader):
    """YAML 1.1 safe loader that reads ``1e-5`` and ``None`` as everybody who writes them means."""


class Dumper(yaml.SafeDumper):
    """Writes what the loader reads back: it quotes the texts ``1e5`` and ``None``."""


for _class in (Loader, Dumper):
    _class.add_implicit_resolver(
        "tag:yaml.org,2002:float",
        re.compile(r"^[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)[eE][-+]?\d+$"),
        list("-+0123456789."),
    )
    _class.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^None$"), ["N"])


def to_yaml(tree: Tree) -> str:
    """Return a configuration as YAML, keys in alphabetical order."""
    text: str = yaml.dump(tree, Dumper=Dumper, sort_keys=True)
    return text


def parse_value(text: str) -> Any:
    """Return the YAML value written in ``text``.

    Numbers, booleans, null, lists, dictionaries, quoted or bare strings.

    Raises:
        ConfigError: ``text`` is not YAML.
    """
    try:
        # yaml.load with a SafeLoader subclass builds plain data only.
        return yaml.load(text, Loader)
    except yaml.YAMLError as error:
        raise ConfigError(
            f"{text!r} is not a value that YAML can read: {one_line(error)}"
        ) from error


def one_line(error: Exception) -> str:
    """Return an exception's text on one line."""
    return " ".join(str(error).split())
