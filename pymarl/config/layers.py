"""The YAML layers of a configuration: default <- env <- alg <- ``with``."""

import copy
import os
from pathlib import Path
from typing import Any

import yaml

from pymarl.config.typed_words import with_typed_words
from pymarl.config.yaml_text import Loader, Tree, one_line, parse_value
from pymarl.envs.smac.smacv2.names import config_args
from pymarl.errors import ConfigError
from pymarl.utils.suggest import did_you_mean

SECTIONS = ("for_env", "for_map")


def config_dir() -> Path:
    """Return the folder with ``default.yaml``, ``algs/`` and ``envs/``.

    ``PYMARL_CONFIG_DIR`` when set, else ``configs/`` beside the package, else ``configs/`` here.

    Raises:
        ConfigError: none of them holds a ``default.yaml``.
    """
    named = os.environ.get("PYMARL_CONFIG_DIR")
    package = Path(__file__).parents[1]
    usual = [package.parent / "configs", package / "_configs", Path("configs")]
    candidates = [Path(named)] if named else usual
    for folder in candidates:
        if (folder / "default.yaml").is_file():
            return folder
    searched = ", ".join(str(folder) for folder in candidates)
    raise ConfigError(
        f"no default.yaml in {searched}; run from a clone of the project or set PYMARL_CONFIG_DIR "
        "to its configs/ folder"
    )


def read_layer(path: Path) -> Tree:
    """Return one YAML file as a dictionary.

    Raises:
        ConfigError: the file cannot be read, is not YAML, or is not a mapping of keys to values.
    """
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"), Loader)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not valid YAML: {one_line(error)}") from error
    if not isinstance(tree, dict) or not all(isinstance(key, str) for key in tree):
        raise ConfigError(f"{path}: expected 'key: value' lines, got {type(tree).__name__}")
    return tree


def available(folder: str) -> list[str]:
    """Return the names in ``configs/<folder>`` (``algs`` or ``envs``), sorted.

    A file in a folder below, which groups settings of one origin, is known by its own name.
    """
    return sorted({path.stem for path in (config_dir() / folder).rglob("*.yaml")})


def named_layer(folder: str, name: str, flag: str) -> Tree:
    """Return ``<name>.yaml`` of ``configs/<folder>`` or of a folder below it.

    Args:
        folder: ``algs`` or ``envs``.
        name: of the file, without ``.yaml``.
        flag: the command-line option, for messages.

    Raises:
        ConfigError: there is no such file, or more than one.
    """
    names = available(folder)
    if name not in names:
        raise ConfigError(
            f"{flag}={name}: unknown; known: {', '.join(names)}{did_you_mean(name, names)}"
        )
    base = config_dir() / folder
    files = sorted(path for path in base.rglob("*.yaml") if path.stem == name)
    if len(files) > 1:
        places = ", ".join(str(path.relative_to(base)) for path in files)
        raise ConfigError(
            f"{flag}={name}: more than one file in {base}: {places}; a name stands for one file, "
            "rename the others"
        )
    return read_layer(files[0])


def merge(base: Tree, update: Tree) -> Tree:
    """Return ``base`` overlaid with ``update``.

    Nested dictionaries are merged key by key; the inputs stay as they are.
    """
    merged = copy.deepcopy(base)
    for key, value in update.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = copy.deepcopy(value)
    return merged


def env_layer(name: str) -> Tree:
    """Return the layer of an environment: a file of ``configs/envs``, or an upstream name.

    ``sc2_gen_terran`` and SMACv2's other configurations are ``sim`` with other ``env_args``.

    Raises:
        ConfigError: there is no such file.
    """
    smacv2 = config_args(name)
    if smacv2 is None:
        return named_layer("envs", name, "--env-config")
    return merge(named_layer("envs", "sim", "--env-config"), {"env_args": smacv2})


def layered(alg: str, env: str) -> Tree:
    """Return default <- env <- alg as one dictionary, before any ``with``.

    Raises:
        ConfigError: an unknown name, or a file that cannot be used.
    """
    tree = read_layer(config_dir() / "default.yaml")
    tree = merge(tree, env_layer(env))
    return merge(tree, named_layer("algs", alg, "--config"))


def apply_overrides(tree: Tree, overrides: list[str]) -> Tree:
    """Return ``tree`` with ``overrides`` applied.

    Values are YAML's, but keys that hold text take the word as it was typed (``typed_words.py``).

    Args:
        tree: the layered configuration.
        overrides: ``["env_args.map_name=8m", "lr=1e-3"]``; dots go into nested dictionaries.

    Raises:
        ConfigError: an entry without ``=``, a key that no layer has, or a value that is not YAML.
    """
    words: dict[str, str] = {}
    unreadable: dict[str, ConfigError] = {}
    for entry in overrides:
        dotted, equals, text = entry.partition("=")
        if not equals or not dotted:
            raise ConfigError(
                f"'{entry}' after 'with': expected key=value, as in env_args.map_name=8m"
            )
        _require_known(tree, dotted)
        update: Any = None
        words[dotted] = text
        unreadable.pop(dotted, None)
        try:
            update = parse_value(text)
        except ConfigError as error:
            unreadable[dotted] = error
        for part in reversed(dotted.split(".")):
            update = {part: update}
        tree = merge(tree, update)
    return with_typed_words(tree, words, unreadable)


def specialised(tree: Tree, overrides: list[str]) -> Tree:
    """Return ``tree`` with the values its algorithm has for this environment and this map.

    An algorithm's file may hold ``for_env: {<env>: {...}}`` and ``for_map: {<map>: {...}}``. They
    are laid over the file's other values, the map's last and both under ``with``; the two keys
    themselves are left out of the result.

    Args:
        tree: the layered configuration.
        overrides: the ``with`` entries, which may choose the map.

    Raises:
        ConfigError: as :func:`apply_overrides`, or a section that is not a mapping.
    """
    plain = {key: value for key, value in tree.items() if key not in SECTIONS}
    chosen = apply_overrides(plain, overrides)
    env_args = chosen.get("env_args")
    chosen_names = {
        "for_env": chosen.get("env"),
        "for_map": env_args.get("map_name") if isinstance(env_args, dict) else None,
    }
    for section, name in chosen_names.items():
        values = tree.get(section, {})
        own = values.get(name, {}) if isinstance(values, dict) else None
        if not isinstance(own, dict):
            raise ConfigError(
                f"{section} of --config={tree.get('name')}: expected names with 'key: value' lines "
                f"below them, got {values!r}"
            )
        plain = merge(plain, own)
    return plain


def _require_known(tree: Tree, dotted: str) -> None:
    """Raise a :class:`ConfigError` unless every part of the dotted key exists in ``tree``."""
    level: Any = tree
    parts = dotted.split(".")
    for depth, part in enumerate(parts):
        if not isinstance(level, dict) or part not in level:
            known = list(level) if isinstance(level, dict) else []
            where = ".".join([*parts[:depth], ""])
            hint = did_you_mean(part, known)
            if not depth and (part in tree.get("env_args", {}) or not hint):
                # What belongs to the environment, or is nearly one of its keys.
                hint = did_you_mean(part, tree.get("env_args", {})).replace("'", "'env_args.", 1)
            listing = f"; known: {', '.join(sorted(known))}" if known and not hint else ""
            raise ConfigError(
                f"{dotted} (command line): unknown key '{where}{part}'{hint}{listing}"
            )
        level = level[part]
