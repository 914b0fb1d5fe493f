"""Snapshots in use: rows of batches, single battles in batches, searches, and what does not fit."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pymarl.envs.env_batch import EnvBatch
from pymarl.envs.matrix import MatrixGame
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.errors import EnvError
from tests.contract import copy_checks as checks

SIM = {"map_name": "2s3z", "seed": 5}


class Twin(MatrixGame):
    """Another class than its base's."""


@pytest.fixture(params=["vector", "adapter"])
def batch(request):
    def make(n: int):
        return (
            VectorSkirmish(n, **SIM) if request.param == "vector" else EnvBatch(SkirmishEnv, n, SIM)
        )

    return make


def test_one_battle_is_put_in_several_places(batch):
    """A tree search tries an action in each of several environments from one situation."""
    env, alone = batch(4), batch(1)
    env.reset(seeds=[1, 2, 3, 4])
    alone.reset(seeds=[3])
    env.set_snapshot(env.get_snapshot([2]), [0, 1, 3])
    for seed in range(6):  # all four are environment 2
        actions = np.tile(checks.choose(alone.out.avail[0], np.random.default_rng(seed)), (4, 1))
        env.step(actions)
        alone.step(actions[:1])
        for e in range(4):
            assert checks.handle(env).row(e) == checks.handle(alone).row(0)
    env.reset()  # the stream of environment 2 in all
    assert len({row[0] for row in checks.handle(env).seen()}) == 1


def test_the_best_are_chosen_and_multiplied(batch):
    env = batch(3)
    env.reset(seeds=[1, 2, 3])
    rows = checks.handle(env).seen()
    env.set_snapshot(env.get_snapshot([2, 0, 2]))
    assert checks.handle(env).seen() == [rows[2], rows[0], rows[2]]
    snapshot = env.get_snapshot([0, 1])
    env.reset(seeds=[7, 8, 9])
    kept = checks.handle(env).row(0)
    env.set_snapshot(snapshot, [2, 1])
    assert checks.handle(env).seen() == [kept, rows[0], rows[2]]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([3], "there is no environment 3; expected 0 to 2"),
        ([-1], "there is no environment -1"),
        ([1, 1], "an environment can take over one snapshot only"),
        ([0], "a snapshot of 2 environments for 1; expected one for each, or one for all"),
        (None, "a snapshot of 2 environments for 3"),
    ],
)
def test_rows_that_do_not_fit_are_refused(batch, rows, message):
    env = batch(3)
    env.reset(seeds=[1, 2, 3])
    seen = checks.handle(env).seen()
    with pytest.raises(EnvError, match=message):
        env.set_snapshot(env.get_snapshot([0, 1]), rows)
    assert checks.handle(env).seen() == seen


def test_a_single_battle_goes_to_a_batch_and_back():
    single, vector = SkirmishEnv(**SIM), VectorSkirmish(3, **SIM)
    single.reset(9)
    vector.reset()
    vector.set_snapshot(single.get_snapshot())
    assert vector.out.obs.tobytes() == np.stack([single.obs_array()] * 3).tobytes()
    actions = np.tile(checks.choose(single.avail_array(), np.random.default_rng(0)), (3, 1))
    vector.step(actions)
    expected = single.step(actions[0])[0]
    single.set_snapshot(vector.get_snapshot([1]))
    assert vector.out.reward.tolist() == [expected] * 3
    with pytest.raises(EnvError, match="nothing to replay: this episode was taken over"):
        single.replay()
    single.reset(9)
    single.step(actions[0])
    assert single.replay().header.seed == 9


def test_the_replay_after_a_search_is_that_of_the_battle():
    """What was tried and taken back is not in it."""
    env, plain = SkirmishEnv(**SIM), SkirmishEnv(**SIM)
    env.reset(3)
    plain.reset(3)
    rng = np.random.default_rng(0)
    for _ in range(10):
        before = env.get_snapshot()
        env.step(checks.choose(env.avail_array(), np.random.default_rng(5)))
        env.set_snapshot(before)
        actions = checks.choose(env.avail_array(), rng)
        env.step(actions)
        plain.step(actions)
    assert env.replay().orders.tolist() == plain.replay().orders.tolist()
    assert env.replay().header == plain.replay().header


def test_a_snapshot_of_another_environment_is_refused():
    env = SkirmishEnv(**SIM)
    for other, message in [
        (
            SkirmishEnv(map_name="3m"),
            "another map .3m, here 2s3z.; make both with the same env_args",
        ),
        (SkirmishEnv(map_name="2s3z", reward_sparse=True), "another env_args.reward_sparse .True"),
        (MatrixGame(), "expected what get_snapshot of env=sim returned, got EnvSnapshot"),
    ]:
        with pytest.raises(EnvError, match=message):
            env.set_snapshot(other.get_snapshot())
    env.set_snapshot(SkirmishEnv(map_name="2s3z", seed=8, replay_dir="x").get_snapshot())
    with pytest.raises(EnvError, match="expected what get_snapshot of MatrixGame returned"):
        MatrixGame().set_snapshot(Twin().get_snapshot())
    with pytest.raises(EnvError, match="expected what get_snapshot of EnvBatch returned"):
        EnvBatch(MatrixGame, 1, {}).set_snapshot(7)


def test_the_examples_of_the_page_work():
    path = Path(__file__).parents[2] / "docs" / "environments" / "simulator.md"
    page = path.read_text(encoding="utf-8")
    section = page[page.index("### Copies and snapshots") : page.index("## Speed")]
    single, batch = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    played: dict[str, Any] = {}
    exec(single, played)
    assert played["env"].replay().header.seed == 1
    played = {}
    exec(batch, played)
    env, best = played["env"], played["best"]
    rows = checks.handle(env).seen()
    assert len(best) == 2
    assert rows[0::2] == [rows[0]] * 4
    assert rows[1::2] == [rows[1]] * 4
