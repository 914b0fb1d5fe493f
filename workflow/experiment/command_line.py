"""Values typed after ``--config``: Snakemake hands on text where a file would have numbers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from workflow.errors import PipelineError
from workflow.experiment.experiment_file import (
    DEFAULT,
    Experiment,
    Word,
    experiment_keys,
    experiment_path,
    load_experiment,
    parse_experiment,
    read_experiment,
)

_LISTS: Final = ("maps", "algs", "seeds", "sweep_algs")
_SETTINGS: Final = ("with", "overrides", "sweep")
_TEXTS: Final = ("experiment", "description", "env", "maps", "algs", "sweep_algs", "sweep_mode")
EXAMPLES: Final = {
    "seeds": "'seeds=[1,2,3]' or 'seeds={first: 1, count: 3}'",
    "maps": "'maps=[3m,8m]'",
    "algs": "'algs=[qmix,vdn]'",
    "t_max": "t_max=50000",
    "with": "'with={lr: 0.001, td_lambda: 0.6}'",
    "overrides": "'overrides={algs: {qmix: {lr: 0.001}}}'",
    "sweep": "'sweep={td_lambda: [0, 0.4]}'",
    "sweep_algs": "'sweep_algs=[qmix]'",
}
"""How each key of an experiment is typed, quotes for the shell included."""


def chosen_experiment(
    config: Mapping[str, Any],
    typed: Mapping[str, Any],
    root: Path,
    files: Sequence[Path] = (),
) -> Experiment:
    """Return the experiment that Snakemake's ``config`` asks for.

    ``--configfile x.yaml`` brings a whole experiment; ``--config experiment=NAME`` names a file of
    ``configs/experiments``; neither means the default one. Files are never mixed: what the chosen
    file leaves out is not taken from another. Other keys after ``--config`` replace the file's,
    within dictionaries key by key.

    Args:
        config: all of it.
        typed: the part of it that was typed after ``--config``.
        root: the source tree.
        files: of ``--configfile``, for messages.

    Raises:
        PipelineError: no such file, or something in it or after ``--config`` is wrong.
    """
    known = experiment_keys()
    given = {key: value for key, value in config.items() if key in known}
    changes = {key: value for key, value in typed.items() if key in known}
    if set(given) <= {"experiment"}:
        return read_experiment(str(given.get("experiment", DEFAULT)), root)
    if set(given) - set(changes):
        here = Path.cwd()
        named = [str(f.relative_to(here) if f.is_relative_to(here) else f) for f in files]
        where, base = " + ".join(named) or "the experiment given by --configfile", given
    else:
        path = experiment_path(str(changes.pop("experiment", DEFAULT)), root)
        where, base = str(path), load_experiment(path)
    if not changes:
        return parse_experiment(base, where, root)
    read = {key: as_in_a_file(key, value) for key, value in changes.items()}
    where = f"{where}, with --config {' '.join(changes)}"
    try:
        return parse_experiment(_laid_over(base, read), where, root)
    except PipelineError as error:
        wrong = str(error).removeprefix(f"{where}: ").partition(":")[0].partition(".")[0]
        if wrong in changes and wrong in EXAMPLES:
            raise PipelineError(f"{error}; type it as in --config {EXAMPLES[wrong]}") from None
        raise


def as_in_a_file(key: str, value: Any) -> Any:
    """Return what ``--config key=value`` means, as an experiment file would have it.

    ``value`` is text as typed, or Snakemake's reading of it: a number, a truth value, or lists and
    dictionaries of text. One name or number stands for a list of one, and ``a,b`` for a list of
    two, where the key takes a list.
    """
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        value = _loaded(value, yaml.BaseLoader)
    if key in _LISTS and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    elif key in _LISTS and not isinstance(value, list | dict):
        value = [value]
    return _texts(value) if key in _TEXTS else _values(value, is_setting=key in _SETTINGS)


def parse_flag(value: Any) -> Any:
    """``--config partial=true`` arrives as a string: Snakemake knows only Python's ``True``."""
    return (
        {"true": True, "false": False}.get(value.lower(), value)
        if isinstance(value, str)
        else value
    )


def _texts(value: Any) -> Any:
    """Names: Snakemake makes a number of one that looks like a number."""
    if isinstance(value, list):
        return [_texts(entry) for entry in value]
    return str(value) if isinstance(value, int | float) else value


def _values(value: Any, is_setting: bool) -> Any:
    """Every text in ``value`` as the number, truth value or null that it spells.

    A setting stays the word that was typed, for the trainer, which knows the key's type: 4.10 is a
    number of one key and the name of a version of another.
    """
    if isinstance(value, dict):
        return {k: _values(v, is_setting and k != "t_max") for k, v in value.items()}
    if isinstance(value, list):
        return [_values(entry, is_setting) for entry in value]
    if not isinstance(value, str):
        return value
    read = _loaded(value, yaml.SafeLoader)
    if isinstance(read, str | list | dict):
        return value
    return Word(value) if is_setting else read


def _loaded(text: str, loader: type[yaml.BaseLoader] | type[yaml.SafeLoader]) -> Any:
    """``text`` read as YAML; the text itself where that is not possible."""
    try:
        return yaml.load(text, loader)
    except yaml.YAMLError:
        return text


def _laid_over(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with ``changes``, as Snakemake itself joins ``--configfile`` and ``--config``."""
    merged = dict(base)
    for key, value in changes.items():
        before = merged.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            merged[key] = _laid_over(before, value)
        else:
            merged[key] = value
    return merged
