"""JSON Schema checks whose messages name the file, the key and the fix."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from workflow.errors import PipelineError, did_you_mean
from workflow.experiment.variants import value_text
from workflow.source_tree import SCHEMAS


def load_schema(name: str) -> dict[str, Any]:
    """Return ``workflow/schemas/<name>.schema.yaml``."""
    text = (SCHEMAS / f"{name}.schema.yaml").read_text(encoding="utf-8")
    schema: dict[str, Any] = yaml.safe_load(text)
    return schema


def check_schema(data: Mapping[str, Any], schema_name: str, where: str) -> None:
    """Check ``data`` against a schema of this project.

    Args:
        data: what a YAML file or ``--config`` gave.
        schema_name: ``experiment`` or ``pipeline``.
        where: the file (or ``--config``) named in the message.

    Raises:
        PipelineError: the first thing that is wrong, in one line.
    """
    schema = load_schema(schema_name)
    error = best_match(Draft202012Validator(schema).iter_errors(data))
    if error is not None:
        raise PipelineError(f"{where}: {_message(error)}")


def refuse_lists(experiment: Mapping[str, Any], where: str) -> None:
    """Refuse a list where an experiment file takes one value; ``sweep`` is what it was meant for.

    Raises:
        PipelineError: the first such list, with the line to write instead.
    """
    lists = ("maps", "algs", "seeds", "sweep", "sweep_algs")
    for path, value in _lists({k: v for k, v in experiment.items() if k not in lists}, ()):
        key, text = ".".join(path), f"[{', '.join(map(value_text, value))}]"
        setting = ".".join(path[{"with": 1, "overrides": 3}.get(path[0], 0) :])
        got = f"{where}: {key}: expected one value, got the list {text}"
        if path[0] in ("experiment", "env", "description", "sweep_mode"):
            raise PipelineError(f"{got}; 'sweep' varies settings: write a file for each {path[0]}")
        raise PipelineError(
            f"{got}; to train a variant for each value write  sweep: {{{setting}: {text}}}"
        )


def _lists(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """The lists in nested dictionaries, each with the keys that lead to it."""
    if isinstance(value, list):
        yield path, value
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _lists(below, (*path, str(key)))


def _message(error: ValidationError) -> str:
    """One line for one schema error: the dotted key, what it is, what it should be."""
    key = ".".join(str(part) for part in error.absolute_path)
    prefix = f"{key}: " if key else ""
    schema: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    instance: Any = error.instance
    wanted: Any = error.validator_value
    known = sorted(schema.get("properties", {}))
    if error.validator == "additionalProperties":
        unknown = next(name for name in instance if name not in known)
        hint = did_you_mean(str(unknown), known)
        return f"{prefix}unknown key {unknown!r}; known: {', '.join(known)}{hint}"
    if error.validator == "required":
        missing = [name for name in wanted if name not in instance]
        return f"{prefix}missing key(s) {', '.join(missing)}"
    if error.validator == "not":
        parent = ".".join(str(part) for part in error.absolute_path)
        return f"{parent}: {instance!r} cannot be set here; the pipeline sets it for every run"
    if error.validator == "type":
        wanted = wanted[0] if isinstance(wanted, list) else wanted
        hint = _number_hint(instance, wanted)
        words = {"object": "'key: value' lines", "array": "a list"}.get(wanted, wanted)
        return f"{prefix}expected {words}, got {instance!r}{hint}"
    if error.validator == "oneOf":
        form = schema.get("description", "another form")
        return f"{prefix}expected {form} Got {instance!r}"
    return f"{prefix}{error.message}"


def _number_hint(value: Any, wanted: Any) -> str:
    """YAML's traps with whole numbers: ``2e6`` is a float or a string, ``2,000,000`` a string."""
    if wanted != "integer" or isinstance(value, bool):
        return ""
    try:
        number = float(str(value).replace(",", "").replace("_", ""))
    except ValueError:
        return ""
    return f"; write {int(number)}" if number.is_integer() else ""
