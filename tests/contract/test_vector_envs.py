"""What the vector runner relies on, for every batched environment."""

import os
from typing import Any

import pytest

from pymarl.config.build import resolve
from pymarl.config.plugins import load_plugins
from pymarl.envs import REGISTRY
from pymarl.envs.env_batch import EnvBatch, make_vector_env
from pymarl.envs.matrix import MatrixGame
from pymarl.envs.skirmish.engine_version import ENGINE_VERSION
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.vector_env import StepArrays
from pymarl.errors import EnvError
from tests.contract import vector_checks as checks
from tests.support.standin import install_standin

load_plugins()
CONFIGS = os.environ.get("PYMARL_CONFIG_DIR")
SIM = {"map_name": "2s3z", "seed": 5}
SCRIPTED = {"map_name": "3m", "seed": 5, "heuristic_ai": True, "continuing_episode": True}


def arguments(name: str) -> dict[str, Any]:
    return resolve("qmix", name, ["env_args.seed=5"]).env_args.model_dump()


def registered(name: str):
    """Return the makers of a registered environment, batched and single."""
    return (
        lambda n_envs: make_vector_env(REGISTRY[name], n_envs, 1, arguments(name)),
        lambda: REGISTRY[name](**arguments(name)),
    )


CASES = {
    # Those of the registry (upstream's has no seeds; the game is tried below), and plug-ins'.
    **{name: registered(name) for name in REGISTRY if name not in ("smac", "sc2")},
    "sim on 2s3z": (lambda n: VectorSkirmish(n, **SIM), lambda: SkirmishEnv(**SIM)),
    "sim on threads": (lambda n: VectorSkirmish(n, threads=2, **SIM), lambda: SkirmishEnv(**SIM)),
    "sim, scripted": (lambda n: VectorSkirmish(n, **SCRIPTED), lambda: SkirmishEnv(**SCRIPTED)),
    "adapter, sim": (lambda n: EnvBatch(SkirmishEnv, n, SIM), lambda: SkirmishEnv(**SIM)),
    "adapter, scripted": (
        lambda n: EnvBatch(SkirmishEnv, n, SCRIPTED),
        lambda: SkirmishEnv(**SCRIPTED),
    ),
}


@pytest.fixture(autouse=True)
def _configs(monkeypatch):
    # Tests do not see the caller's PYMARL_ variables, but a plug-in's configuration may lie there.
    if CONFIGS:
        monkeypatch.setenv("PYMARL_CONFIG_DIR", CONFIGS)


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


def test_sizes_and_types(case):
    checks.check_sizes_and_types(*case)


def test_the_batch_does_not_matter(case):
    checks.check_batch_does_not_matter(case[0])


def test_episodes_are_the_singles(case):
    checks.check_episodes_are_the_singles(*case)


def test_masks(case):
    checks.check_masks(case[0])


def test_the_callers_arrays_are_written(case):
    checks.check_the_callers_arrays_are_written(case[0])


# Given actions of scripted agents are not carried out, nor checked.
@pytest.mark.parametrize("name", [name for name in CASES if "scripted" not in name])
def test_unavailable_actions_are_refused(name):
    checks.check_unavailable_actions_are_refused(CASES[name][0])


def test_steps_after_the_end_are_refused(case):
    checks.check_steps_after_the_end_are_refused(case[0])


def test_counters_are_those_of_the_singles(case):
    checks.check_counters_are_those_of_the_singles(*case)


def test_the_observer_rebuilds_what_was_shown(case):
    checks.check_the_observer_rebuilds_what_was_shown(case[0])


def test_games_are_batched_too(tmp_path_factory, monkeypatch):
    standin = install_standin(tmp_path_factory.mktemp("standin") / "StarCraftII")
    monkeypatch.setenv("SC2PATH", str(standin))
    make, make_single = registered("sc2")
    checks.check_episodes_are_the_singles(make, make_single)
    vector = make(1)
    assert vector.provenance()["backend"] == "standin"
    assert vector.provenance()["engine_version"] == ENGINE_VERSION
    vector.close()


def test_both_forms_of_the_simulator_tell_the_version_of_its_engine():
    vector, single = make_vector_env(SkirmishEnv, 2, 1, SIM), SkirmishEnv(**SIM)
    assert vector.provenance() == single.provenance() == {"engine_version": ENGINE_VERSION}


def test_the_registry_says_which_form_is_batched():
    assert type(make_vector_env(SkirmishEnv, 2, 1, SIM)) is VectorSkirmish
    assert type(make_vector_env(MatrixGame, 2, 1, {})) is EnvBatch

    class Changed(SkirmishEnv):
        """Plays differently, so the batched form of its base must not stand for it."""

    assert type(make_vector_env(Changed, 2, 1, SIM)) is EnvBatch


def test_an_adapter_that_cannot_be_made_closes_what_it_has():
    closed = []

    class Second(MatrixGame):
        """The second one cannot be made."""

        def __init__(self, seed: int) -> None:
            if seed == 6:
                raise EnvError("no second game")
            super().__init__(seed=seed)

        def close(self) -> None:
            closed.append(self.seed())

    with pytest.raises(EnvError, match="no second game"):
        EnvBatch(Second, 2, {"seed": 5})
    assert closed == [5]
    with pytest.raises(EnvError, match="n_envs=0: expected at least 1"):
        EnvBatch(MatrixGame, 0, {})


def test_zeroed_arrays_have_the_sizes_of_the_environment():
    arrays = StepArrays.zeros(4, MatrixGame().get_env_info())
    assert [array.shape for array in arrays] == [(4, 2, 4), (4, 4), (4, 2, 2), (4,), (4,)]
