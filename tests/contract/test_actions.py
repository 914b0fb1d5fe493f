"""What people hand to ``step`` by mistake, in every registered environment: one line each."""

import os
from typing import Any

import numpy as np
import pytest
import torch as th

from pymarl.config.build import resolve
from pymarl.config.plugins import load_plugins
from pymarl.envs import REGISTRY
from pymarl.envs.env_batch import EnvBatch, make_vector_env
from pymarl.envs.skirmish.pettingzoo_env import SkirmishParallelEnv
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.errors import EnvError
from tests.contract.vector_checks import choose
from tests.support.standin import install_standin

load_plugins()
CONFIGS = os.environ.get("PYMARL_CONFIG_DIR")
NAMES = [name for name in REGISTRY if name != "smac"]


@pytest.fixture(autouse=True, scope="module")
def standin(tmp_path_factory):
    """Let ``sc2`` play on the stand-in server."""
    return install_standin(tmp_path_factory.mktemp("standin") / "StarCraftII")


@pytest.fixture(autouse=True)
def _game(standin, monkeypatch):
    monkeypatch.setenv("SC2PATH", str(standin))
    if CONFIGS:
        monkeypatch.setenv("PYMARL_CONFIG_DIR", CONFIGS)


def arguments(name: str) -> dict[str, Any]:
    return resolve("qmix", name, ["env_args.seed=5"]).env_args.model_dump()


@pytest.fixture(params=NAMES)
def env(request):
    made = REGISTRY[request.param](**arguments(request.param))
    yield made
    made.close()


def message(call: Any, *given: Any) -> str:
    with pytest.raises(EnvError) as caught:
        call(*given)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def legal(env: Any) -> list[int]:
    return choose(np.asarray(env.avail_array()), np.random.default_rng(0))


def test_steps_without_an_episode(env):
    assert "was begun yet; call reset before step" in message(env.step, [0] * env.n_agents)
    env.reset(1)
    over = False
    while not over:
        _, over, _ = env.step(legal(env))
    assert " is over; call reset before step" in message(env.step, [0] * env.n_agents)


def test_wrong_actions(env):
    env.reset(1)
    n, state = env.n_agents, np.array(env.get_state())
    good = legal(env)
    one_hot = np.eye(env.get_total_actions(), dtype=int)[good]
    for wrong, words in [
        (good[:-1], f"got actions of shape ({n - 1},); expected one action per agent"),
        ([*good, 1], f"got actions of shape ({n + 1},)"),
        ([], "got actions of shape (0,)"),
        (good[0], "got actions of shape ()"),
        ([good], f"got actions of shape (1, {n}); expected one action per agent: whole numbers of"),
        (np.array(good)[:, None], f"write actions.reshape({n})"),
        (th.tensor(good)[:, None], f"write actions.reshape({n})"),
        (one_hot, "if the last axis is one-hot, write actions.argmax(-1)"),
        ([good, [0]], "cannot be read as an array"),
        ("abc", "got actions 'abc' of type <U3"),
        (None, "got actions None of type object"),
        ({"agent_0": 1}, "of type object"),
        ([None] * n, "of type object"),
        ([True] * n, "of type bool"),
        ([*good[:-1], 0.5], "got action 0.5, which is no whole number"),
        ([*good[:-1], float("nan")], "got action nan, which is no whole number"),
        ([*good[:-1], float("inf")], "got action inf, which is no whole number"),
        (th.zeros(n, requires_grad=True), "cannot be read as an array"),
        ([*good[:-1], -1], f"agent {n - 1} cannot perform action -1; available: ["),
        ([*good[:-1], 99], f"agent {n - 1} cannot perform action 99; available: ["),
        (np.full(n, 2**63, np.uint64), "agent 0 cannot perform action"),
    ]:
        assert words in message(env.step, wrong), wrong
        assert np.array_equal(env.get_state(), state), wrong  # nothing was stepped
    env.step(good)


@pytest.mark.parametrize(
    "form",
    [
        tuple,
        np.array,
        th.tensor,
        lambda a: np.array(a, np.float64),
        lambda a: np.array(a, np.uint8),
    ],
    ids=["tuple", "array", "tensor", "whole floats", "bytes"],
)
def test_every_form_of_whole_numbers_is_taken(env, form):
    env.reset(1)
    actions = legal(env)
    first = env.step(actions)
    env.reset(1)
    assert env.step(form(actions)) == first
    env.reset(1)
    assert env.step([form(action) for action in actions] if form is th.tensor else actions) == first


@pytest.mark.parametrize("kind", ["vector", "adapter"])
def test_batches(kind):
    args = arguments("sim")
    env: Any = (
        make_vector_env(REGISTRY["sim"], 2, 1, args)
        if kind == "vector"
        else EnvBatch(SkirmishEnv, 2, args)
    )
    idle = np.ones((2, env.n_agents), np.int64)
    words = "environment 0: no .* was begun yet; call reset before step"
    with pytest.raises(EnvError, match=words):
        env.step(idle)
    env.reset(seeds=[1, 2])
    for wrong, words in [
        (idle[0], "got actions of shape (3,); expected one row for each environment, of"),
        (idle[:1], "whole numbers of shape (2, 3)"),
        (idle[:, :, None], "write actions.reshape(2, 3)"),
        (idle + 0.25, "got action 1.25, which is no whole number"),
        (idle * 9, "environment 0: agent 0 cannot perform action 9; available: [1, 2, 3, 4, 5]"),
    ]:
        assert words in message(env.step, wrong)
    rewards = [env.step(form).reward.tolist() for form in (idle, idle.tolist(), idle * 1.0)]
    assert rewards == [[0.0, 0.0]] * 3
    assert "environment 1: no" not in message(env.step, idle * 9)


def test_pettingzoo():
    env = SkirmishParallelEnv(map_name="3m")
    assert message(env.step, {}) == "no battle was begun yet; call reset before step"
    env.reset(seed=1)
    for wrong, words in [
        ([1, 1, 1], "expected a dictionary from names of agents to actions"),
        ({"agent_3": 1}, "unknown agent 'agent_3'; agents are agent_0 to agent_2"),
        ({"agent_1": 9}, "agent_1 cannot perform action 9; expected 0 to 8"),
        ({"agent_1": -1}, "agent_1 cannot perform action -1"),
        ({"agent_1": 1.5}, "got action 1.5, which is no whole number"),
        ({"agent_1": "x"}, "expected the action of agent_1: a whole number"),
        ({"agent_1": [1]}, "got actions of shape (1,); expected the action of agent_1"),
    ]:
        assert words in message(env.step, wrong)
    assert len(env.step({"agent_1": np.int64(1), "agent_2": 8})[0]) == 3
