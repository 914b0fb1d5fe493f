"""From names and overrides to a validated configuration, or to readable lines of what is wrong."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pymarl.config.env_args import ENV_ARGS
from pymarl.config.layers import Tree, apply_overrides, layered, specialised
from pymarl.config.plugins import load_plugins
from pymarl.config.schema import ALG_CONFIGS, Config
from pymarl.errors import ConfigError
from pymarl.utils.suggest import did_you_mean


def resolve(alg: str, env: str, overrides: list[str]) -> Config:
    """Return the validated configuration of ``--config=alg --env-config=env with overrides``.

    Raises:
        ConfigError: one readable line per problem, naming the dotted key, the value and what was
            expected.
    """
    load_plugins()
    tree = specialised(layered(alg, env), overrides)
    return validate(apply_overrides(tree, overrides))


def validate(tree: Tree) -> Config:
    """Return ``tree`` as the frozen configuration of its learner.

    Raises:
        ConfigError: as :func:`resolve`.
    """
    learner = tree.get("learner")
    if learner not in ALG_CONFIGS:
        known = list(ALG_CONFIGS)
        raise ConfigError(
            f"learner={learner!r}: unknown; known: {', '.join(known)}{did_you_mean(learner, known)}"
        )
    env = tree.get("env")
    if env not in ENV_ARGS:
        raise ConfigError(
            f"env={env!r}: unknown; known: {', '.join(ENV_ARGS)}{did_you_mean(env, ENV_ARGS)}"
        )
    problems: list[str] = []
    values = dict(tree)
    try:
        values["env_args"] = ENV_ARGS[env].model_validate(tree.get("env_args"))
    except ValidationError as error:
        problems += _lines(error, ENV_ARGS[env].model_fields, "env_args.")
        values.pop("env_args", None)
    try:
        config = ALG_CONFIGS[learner].model_validate(values)
    except ValidationError as error:
        lines = _lines(error, ALG_CONFIGS[learner].model_fields, "")
        problems += [line for line in lines if not (problems and line.startswith("env_args:"))]
    if problems:
        raise ConfigError("\n".join(problems))
    return config


def run_folder(config: Config) -> Path:
    """Return the run folder: ``run_dir``, or a path of experiment, env, map, algorithm and seed."""
    if config.run_dir:
        return Path(config.run_dir)
    runs = Path(config.local_results_path) / "runs" / config.experiment
    return runs / config.env / config.map_name / config.name / f"seed={config.seed}"


def dump(config: Config) -> dict[str, Any]:
    """Return the configuration as plain data.

    YAML keys only: runtime facts and optional keys that nobody set are left out.
    """
    plain: dict[str, Any] = config.model_dump(mode="json", exclude_unset=True)
    return plain


def _lines(error: ValidationError, fields: Any, prefix: str) -> list[str]:
    """Return one readable line per problem of a pydantic error."""
    lines = []
    for problem in error.errors():
        key = (prefix + ".".join(str(part) for part in problem["loc"])).rstrip(".")
        kind, value = problem["type"], problem.get("input")
        if kind == "missing":
            lines.append(f"{key}: missing; no layer sets it")
        elif kind == "extra_forbidden":
            lines.append(f"{key}={value!r}: unknown key{did_you_mean(problem['loc'][-1], fields)}")
        elif kind == "value_error":
            text = problem["msg"].removeprefix("Value error, ")
            lines.append(f"{prefix}{text}" if not problem["loc"] else f"{key}: {text}")
        elif kind == "int_type" and isinstance(value, float) and value.is_integer():
            lines.append(f"{key}={value!r}: expected a whole number; write {int(value)}")
        else:
            expected = problem["msg"][:1].lower() + problem["msg"][1:]
            lines.append(f"{key}={value!r}: {expected}")
    return lines
