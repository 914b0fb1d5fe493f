"""Check the configurations of many planned runs in one process.

``python -m pymarl.config.planned_runs < planned.json`` is what the pipeline calls before it starts
or submits anything. Input: ``{"here": true, "runs": [{"alg": "qmix", "env": "sim", "with":
["env_args.map_name=3m", "seed=1"]}, ...]}``. Output: a list with, for each run, the lines that say
what is wrong with it; no lines: nothing is. ``here`` says whether the runs start on this machine
and in this environment: only then a missing game or package counts.

Exit codes: 0, whatever was found; 2, the input is not of this form or no configuration can be read.
"""

import functools
import json
import sys

from pymarl.config.build import validate
from pymarl.config.layers import apply_overrides, layered, specialised
from pymarl.config.plugins import load_plugins
from pymarl.config.yaml_text import Tree
from pymarl.errors import ConfigError, MapError, PymarlError, RegistryError
from pymarl.registries import ENVS

# A thousand runs share a few files. A tree is never changed: every layer is laid over a copy.
_layered = functools.cache(layered)


def problems(alg: str, env: str, overrides: list[str], *, here: bool = True) -> list[str]:
    """Return what is wrong with one run, a line for each problem.

    All unknown keys are named, and beside them what is wrong with the known ones; the trainer
    itself stops at the first unknown key.

    Args:
        alg: ``--config``.
        env: ``--env-config``.
        overrides: what follows ``with``.
        here: whether the game and the packages of the environment must be on this machine.
    """
    try:
        tree = _layered(alg, env)
        wrong = {entry: _wrong_alone(alg, env, entry) for entry in overrides}
    except (ConfigError, RegistryError) as error:
        return str(error).splitlines()
    lines = [line for found in wrong.values() for line in found]
    known = [entry for entry in overrides if not wrong[entry]]
    try:
        tree = apply_overrides(specialised(tree, known), known)
    except ConfigError as error:
        return [*lines, *str(error).splitlines()]
    env_args = json.dumps(tree.get("env_args"), sort_keys=True, default=str)
    return [*lines, *_wrong_together(tree), *_missing(tree["env"], env_args, here)]


@functools.cache
def _wrong_alone(alg: str, env: str, entry: str) -> list[str]:
    """What is wrong with an override by itself: it has no known key, or no value."""
    try:
        apply_overrides(_layered(alg, env), [entry])
    except ConfigError as error:
        return str(error).splitlines()
    return []


def _wrong_together(tree: Tree) -> list[str]:
    """What the trainer's own validation says of a configuration."""
    try:
        validate(tree)
    except (ConfigError, RegistryError) as error:
        return str(error).splitlines()
    return []


@functools.cache
def _missing(env: str, env_args: str, here: bool) -> list[str]:
    """What the environment needs and has not, where its arguments (JSON) can be understood."""
    try:
        checked = ENVS.config_of(env).parse(json.loads(env_args))
    except (ConfigError, RegistryError):
        return []  # said already
    try:
        checked.check_available()
    except MapError as error:
        return str(error).splitlines()
    except ConfigError as error:
        return str(error).splitlines() if here else []
    return []


def main() -> int:
    """Read the planned runs from standard input and write what is wrong with each."""
    try:
        planned = json.load(sys.stdin)
        here = bool(planned["here"])
        runs = [(run["alg"], run["env"], list(run["with"])) for run in planned["runs"]]
    except (ValueError, KeyError, TypeError) as error:
        return _refuse(f"standard input: not the form of planned runs: {error!r}")
    try:
        load_plugins()
        answer = [problems(*run, here=here) for run in runs]
    except PymarlError as error:
        return _refuse(str(error))
    sys.stdout.write(json.dumps(answer))
    return 0


def _refuse(line: str) -> int:
    sys.stderr.write(f"pymarl: {line}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
