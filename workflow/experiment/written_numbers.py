"""Numbers of an experiment file that keep how they were written.

YAML reads ``game_version: 4.10`` as the number 4.1, but the key holds the name of a version. Only
the trainer knows which keys hold text, so it gets what stands in the file.
"""

from typing import Any

import yaml


class WrittenNumber(float):
    """A number with its text in the file, where it is not what Python writes (4.10, 1.50e-3)."""

    text: str

    def __new__(cls, value: float, text: str = "") -> "WrittenNumber":
        """Make the number ``value`` that was written as ``text``."""
        number = super().__new__(cls, value)
        number.text = text or repr(float(value))
        return number

    def __str__(self) -> str:
        return self.text


class _Loader(yaml.SafeLoader):
    pass


def _read(loader: _Loader, node: yaml.ScalarNode) -> float:
    value: float = loader.construct_yaml_float(node)
    text = str(node.value)
    return value if repr(value) == text else WrittenNumber(value, text)


def _write(dumper: yaml.SafeDumper, number: WrittenNumber) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", number.text)


_Loader.add_constructor("tag:yaml.org,2002:float", _read)
yaml.SafeDumper.add_representer(WrittenNumber, _write)


def load_written(text: str) -> Any:
    """Read YAML as ``yaml.safe_load`` does, with numbers that keep their text.

    Raises:
        yaml.YAMLError: it is not YAML.
    """
    return yaml.load(text, _Loader)
