"""Copies and snapshots of every environment that has them, and the line of those that have not."""

import copy
import multiprocessing
import os
import pickle
from typing import Any

import numpy as np
import pytest

from pymarl.config.build import resolve
from pymarl.config.plugins import load_plugins
from pymarl.envs import REGISTRY
from pymarl.envs.env_batch import EnvBatch, make_vector_env
from pymarl.envs.matrix import MatrixGame
from pymarl.envs.skirmish.pettingzoo_env import SkirmishParallelEnv
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.starcraft2.no_copies import NoCopies
from pymarl.errors import EnvError
from tests.contract import copy_checks as checks

load_plugins()
# Tests do not see the caller's PYMARL_ variables, but a plug-in's configuration may lie there.
CONFIGS = os.environ.get("PYMARL_CONFIG_DIR")
NAMES = [name for name in REGISTRY if name not in ("sc2", "smac")]
SIM = {"map_name": "2s3z", "seed": 5}
CHANGING = {"map_name": "terran_5_vs_5", "seed": 5, "prob_obs_enemy": 0.5}
SHUFFLED = {"map_name": "3s5z", "seed": 5, "enemy_order": "shuffled", "heuristic_ai": True}


def arguments(name: str) -> dict[str, Any]:
    return resolve("qmix", name, ["env_args.seed=5"]).env_args.model_dump()


class Counting(SkirmishEnv):
    """An environment of a user's own on top of the simulator: its attributes are copied, too."""

    def __init__(self, **env_args: Any) -> None:
        super().__init__(**env_args)
        self.steps: list[int] = []

    def step(self, actions: Any) -> Any:
        self.steps.append(len(self.steps))
        return super().step(actions)

    def get_stats(self) -> dict[str, Any]:
        return {**super().get_stats(), "steps": len(self.steps)}


class CountingGame(MatrixGame):
    """Plain attributes and a generator: copies and snapshots without doing anything for them."""

    def __init__(self, **env_args: Any) -> None:
        super().__init__(**env_args)
        self.rng, self.luck = np.random.default_rng(3), [0.0]

    def step(self, actions: Any) -> Any:
        reward, over, info = super().step(actions)
        self.luck.append(self.rng.random())
        return reward + self.luck[-1], over, info


CASES = {
    **{name: lambda name=name: REGISTRY[name](**arguments(name)) for name in NAMES},
    **{
        f"{name}, batched": lambda name=name: make_vector_env(REGISTRY[name], 3, 1, arguments(name))
        for name in NAMES
    },
    "sim, shuffled and scripted": lambda: SkirmishEnv(**SHUFFLED),
    "sim on threads": lambda: VectorSkirmish(3, threads=2, **SIM),
    "sim, changing teams": lambda: VectorSkirmish(3, **CHANGING),
    "sim, changing teams, single": lambda: SkirmishEnv(**CHANGING),
    "sim, automatic resets": lambda: VectorSkirmish(2, auto_reset=True, **SIM),
    "sim, adapter": lambda: EnvBatch(SkirmishEnv, 2, SIM),
    "plain attributes": lambda: CountingGame(map_name="two_step"),
    "plain attributes, adapter": lambda: EnvBatch(CountingGame, 2, {"map_name": "penalty"}),
}


@pytest.fixture(autouse=True)
def _configs(monkeypatch):
    if CONFIGS:
        monkeypatch.setenv("PYMARL_CONFIG_DIR", CONFIGS)


@pytest.fixture(params=CASES)
def make(request):
    return CASES[request.param]


@pytest.mark.parametrize("how", checks.DUPLICATES)
def test_copies_have_the_same_future(make, how):
    checks.check_same_future(make, checks.DUPLICATES[how])


@pytest.mark.parametrize("how", checks.DUPLICATES)
def test_neither_disturbs_the_other(make, how):
    checks.check_independence(make, checks.DUPLICATES[how])


@pytest.mark.parametrize("how", checks.DUPLICATES)
def test_copies_of_new_environments_are_new(make, how):
    checks.check_before_the_first_reset(make, checks.DUPLICATES[how])


def test_snapshots_lead_back(make):
    checks.check_snapshots(make)


def test_snapshots_travel_between_processes(make):
    checks.check_snapshots(make, lambda snapshot: pickle.loads(pickle.dumps(snapshot)))


def test_copies_are_copied():
    def twice(env):
        return copy.deepcopy(pickle.loads(pickle.dumps(env)))

    checks.check_same_future(lambda: SkirmishEnv(**SIM), twice)
    checks.check_independence(lambda: VectorSkirmish(2, **SIM), twice)


@pytest.mark.parametrize("how", checks.DUPLICATES)
def test_a_users_own_attributes_are_copied(how):
    def make():
        return Counting(**SIM)

    checks.check_same_future(make, checks.DUPLICATES[how])
    checks.check_independence(make, checks.DUPLICATES[how])


def test_buffers_out_of_band_are_taken_over():
    """Ray and joblib hand pickled arrays over without copying them, read-only."""
    env = checks.begun(lambda: SkirmishEnv(**SIM))
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(env, protocol=5, buffer_callback=buffers.append)
    twin = pickle.loads(data, buffers=[bytes(buffer.raw()) for buffer in buffers])
    assert checks.play(twin, 7, 40) == checks.play(env, 7, 40)


def play_there(env: Any, queue: Any) -> None:
    queue.put(checks.play(env, 7, 30))


def test_an_environment_goes_to_a_spawned_process():
    made = [SkirmishEnv(**SIM), VectorSkirmish(2, **SIM), EnvBatch(MatrixGame, 2, {})]
    context = multiprocessing.get_context("spawn")
    for env in made:
        checks.handle(env).begin(4)
        queue = context.Queue()
        process = context.Process(target=play_there, args=(env, queue))
        process.start()
        there = queue.get(timeout=120)
        process.join()
        assert there == checks.play(env, 7, 30)


def test_pettingzoo():
    def play(env: SkirmishParallelEnv, steps: int) -> list[Any]:
        seen = []
        for k in range(steps):
            if not env.agents:
                env.reset()
            masks = {n: env._observations()[n]["action_mask"] for n in env.agents}
            chosen = {n: int(np.flatnonzero(m)[k % m.sum()]) for n, m in masks.items()}
            obs, *rest = env.step(chosen)
            seen.append([{n: o["observation"].tobytes() for n, o in obs.items()}, rest])
        return seen

    env = SkirmishParallelEnv(**SIM)
    env.reset(seed=3)
    play(env, 20)
    snapshot, twins = env.get_snapshot(), [copy.deepcopy(env), pickle.loads(pickle.dumps(env))]
    expected = play(env, 100)
    assert [play(twin, 100) for twin in twins] == [expected, expected]
    env.set_snapshot(snapshot)
    assert play(env, 100) == expected
    with pytest.raises(EnvError, match="expected what get_snapshot of SkirmishParallelEnv"):
        env.set_snapshot(None)


def test_an_environment_that_cannot_be_copied_says_what_it_needs():
    env = CountingGame()
    env.file = open(os.devnull)  # noqa: SIM115, PTH123 - what cannot be copied
    with pytest.raises(EnvError, match=r"CountingGame cannot be copied: .*TextIOWrapper.*needs"):
        env.get_snapshot()
    env.file.close()


class Game(NoCopies, MatrixGame):
    """An environment of StarCraft II as far as copies are concerned: none needs to be installed."""


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, pickle.dumps, Game.get_snapshot, lambda e: e.set_snapshot(0)],
)
def test_the_game_has_no_copies_and_says_why_in_one_line(copied):
    for env in (Game(), EnvBatch(Game, 2, {})):
        if isinstance(env, EnvBatch) and copied in (copy.copy, Game.get_snapshot):
            continue
        with pytest.raises(EnvError) as caught:
            copied(env)
        if isinstance(env, Game):
            assert "lives in the process of StarCraft II" in str(caught.value)
            assert "use env=sim" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_the_environments_of_the_game_are_such():
    from pymarl.envs.starcraft2.starcraft2_env import StarCraft2Env
    from pymarl.envs.starcraft2.upstream_smac_env import UpstreamSmacEnv

    assert issubclass(StarCraft2Env, NoCopies)
    assert issubclass(UpstreamSmacEnv, NoCopies)
    assert StarCraft2Env.get_snapshot is NoCopies.get_snapshot
