"""From names and overrides to a validated configuration, or to readable lines of what is wrong."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pymarl.config.controls import with_control
from pymarl.config.layers import apply_overrides, layered, specialised
from pymarl.config.plugins import load_plugins
from pymarl.config.run_names import folder_name
from pymarl.config.schema import Config
from pymarl.config.yaml_text import Tree
from pymarl.envs.env_args import EnvArgs
from pymarl.errors import ConfigError
from pymarl.registries import ENVS, LEARNERS
from pymarl.utils.validation import problem_lines


def resolve(alg: str, env: str, overrides: list[str]) -> Config:
    """Return the validated configuration of ``--config=alg --env-config=env with overrides``.

    Raises:
        ConfigError: one readable line per problem, naming the dotted key, the value and what was
            expected.
    """
    load_plugins()
    tree = specialised(layered(alg, env), overrides)
    return validate(with_control(apply_overrides(tree, overrides)))


def validate(tree: Tree) -> Config:
    """Return ``tree`` as the frozen configuration of its learner.

    Raises:
        ConfigError: as :func:`resolve`.
    """
    # Which keys there are depends on these two.
    for registry in (LEARNERS, ENVS):
        name = tree.get(registry.key)
        if problem := registry.problem(name):
            raise ConfigError(f"{registry.key}={name!r}: {problem}")
    config_class: type[Config] = LEARNERS.config_of(tree["learner"])
    args_class: type[EnvArgs] = ENVS.config_of(tree["env"])
    problems: list[str] = []
    values = dict(tree)
    try:
        values["env_args"] = args_class.parse(tree.get("env_args", {}))
    except ConfigError as error:
        problems += str(error).splitlines()
        values.pop("env_args", None)
    try:
        config = config_class.model_validate(values)
    except ValidationError as error:
        lines = problem_lines(error, config_class.model_fields)
        problems += [line for line in lines if not (problems and line.startswith("env_args:"))]
    if problems:
        raise ConfigError("\n".join(problems))
    return config


def run_folder(config: Config) -> Path:
    """Return the run folder: ``run_dir``, or a path of experiment, env, map, algorithm and seed."""
    if config.run_dir:
        return Path(config.run_dir)
    runs = Path(config.local_results_path) / "runs" / config.experiment
    return runs / config.env / config.map_name / folder_name(config.name) / f"seed={config.seed}"


def dump(config: Config) -> dict[str, Any]:
    """Return the configuration as plain data.

    YAML keys only: optional keys that nobody set and what a run finds out are left out.
    ``env_args`` are complete.
    """
    plain: dict[str, Any] = config.model_dump(mode="json", exclude_unset=True)
    return plain | {"env_args": config.env_args.model_dump(mode="json")}
