"""What runners count and log, and exact resume of that."""

import json
import math

import pytest
import torch as th

from pymarl.components import seeding
from pymarl.envs.env_stats import add_stats
from pymarl.runners.base import update_ratio
from pymarl.runners.rollout import Rollout
from tests.reference.batches import Sizes, descriptions
from tests.runners.playing import assert_equal, episodes, make_runner

LOGS = ["runner_log_interval=150", "test_nepisode=6"]


def logged(runner):
    return {key: list(values) for key, values in runner.logger.info.items()}


def play(runner, folder):
    """Three rollouts of training, an evaluation, and three more; return everything logged."""
    made = make_runner(runner, 3, *LOGS)
    try:
        made.logger.setup_test_episodes(folder / f"{runner}.jsonl")
        for _ in range(3):
            made.run()
        made.logger.start_evaluation(made.t_env, 0)
        for _ in range(2):
            made.run(test_mode=True)
        for _ in range(3):
            made.run()
        return logged(made), made.state(), (folder / f"{runner}.jsonl").read_text()
    finally:
        made.close_env()


def test_vector_and_parallel_log_the_same(tmp_path):
    first, state, rows = play("vector", tmp_path)
    assert play("parallel", tmp_path) == (first, state, rows)
    records = [json.loads(row) for row in rows.splitlines()]
    assert [row["index"] for row in records] == list(range(6))
    assert [row["env_seed"] for row in records] == [
        seeding.episode_seed(1, seeding.ENV_TEST, k) for k in range(6)
    ]
    mean = sum(row["return"] for row in records) / 6
    assert first["test_return_mean"] == [pytest.approx(mean)]
    lengths = [row["length"] for row in records]
    assert first["test_ep_length_mean"] == [pytest.approx(sum(lengths) / 6)]


def test_statistics_are_those_of_the_batches():
    made = make_runner("vector", 4, "runner_log_interval=1")
    t_env, returns, lengths = 0, [], []
    for _ in range(2):
        batch = made.run()
        returns = batch["reward"].sum(1).flatten().tolist()
        lengths = (batch["filled"].sum(1) - 1).flatten().tolist()
        t_env += sum(lengths)
        assert made.t_env == t_env
        assert made.logger.latest("return_mean") == pytest.approx(sum(returns) / 4)
        spread = math.sqrt(sum((r - sum(returns) / 4) ** 2 for r in returns) / 4)
        assert made.logger.latest("return_std") == pytest.approx(spread, abs=1e-6)
        assert made.logger.latest("ep_length_mean") == sum(lengths) / 4
        assert made.logger.info["return_mean_T"][-1] == t_env
    assert made.train_episodes == 8
    assert len(set(lengths)) > 1


def test_testing_leaves_training_alone():
    one, other = make_runner("vector", 2, *LOGS), make_runner("vector", 2, *LOGS)
    first = episodes(one, 4)
    second = episodes(other, 2)
    other.run(test_mode=True)
    assert_equal(second + episodes(other, 2), first)
    assert one.t_env == other.t_env


@pytest.mark.parametrize(("runner", "B"), [("episode", 1), ("vector", 3), ("parallel", 2)])
def test_a_resumed_runner_goes_on_to_the_same_bits(runner, B, tmp_path):
    whole, resumed = make_runner(runner, B, *LOGS), make_runner(runner, B, *LOGS)
    try:
        for _ in range(2):
            whole.run()
        whole.run(test_mode=True)
        th.save(whole.state(), tmp_path / "state.th")
        resumed.load_state(th.load(tmp_path / "state.th", weights_only=True))
        resumed.logger.load_state(whole.logger.state())
        assert_equal(episodes(whole, 6), episodes(resumed, 6))
        assert whole.state() == resumed.state()
        assert logged(whole) == logged(resumed)
    finally:
        whole.close_env()
        resumed.close_env()


@pytest.mark.parametrize(
    ("updates", "B", "expected"),
    [
        (1, 1, "1 update per episode"),
        (8, 8, "1 update per episode"),
        (1, 8, "1 update per 8 episodes"),
        (2, 8, "1 update per 4 episodes"),
        (3, 2, "3 updates per 2 episodes"),
        (0, 8, "0 updates per episode"),
    ],
)
def test_the_update_ratio_in_words(updates, B, expected):
    assert update_ratio(updates, B) == expected


def test_counters_of_environments_are_added_up():
    one = {"battles_won": 3, "battles_game": 4, "win_rate": 0.75, "timeouts": 1, "restarts": 0}
    other = {"battles_won": 0, "battles_game": 0, "win_rate": 0.0, "timeouts": 0, "restarts": 2}
    total = {"battles_won": 3, "battles_game": 4, "win_rate": 0.75, "timeouts": 1, "restarts": 2}
    assert add_stats([one, other]) == total
    assert add_stats([other])["win_rate"] == 0.0
    assert add_stats([{}, {}]) == {}


def test_runners_give_the_environments_counters():
    totals = []
    for runner in ("vector", "parallel"):
        made = make_runner(runner, 3, "env_args.heuristic_ai=true")
        try:
            made.run()
            totals.append(made.get_stats())
        finally:
            made.close_env()
    one = make_runner("episode", 1, "env_args.heuristic_ai=true")
    for _ in range(3):
        one.run()
    assert totals == [one.get_stats()] * 2
    assert totals[0]["battles_game"] == 3


def test_only_one_hot_actions_can_be_derived():
    scheme, groups, preprocess = descriptions(Sizes())
    onehot = preprocess["actions"][1]
    with pytest.raises(Exception, match="one-hot actions only"):
        Rollout(scheme, groups, {"obs": ("obs_again", onehot)}, 2, 5)
    rollout = Rollout(scheme, groups, {}, 2, 5)
    assert "actions_onehot" not in rollout.batch.data
    rollout.begin()
    assert rollout.record(0)


@pytest.mark.parametrize(("runner", "B"), [("episode", 1), ("vector", 2), ("parallel", 2)])
def test_the_environments_counters_go_on_in_a_resumed_run(runner, B):
    overrides = ["env_args.heuristic_ai=true", "runner_log_interval=1"]
    one = make_runner(runner, B, *overrides)
    other = make_runner(runner, B, *overrides)
    try:
        one.run()
        one.run(test_mode=True)
        other.load_state(one.state())
        one.run()
        other.run()
        assert one.counters() == other.counters()
        assert one.counters()["env_battles_game"] == 3 * B
        assert one.state() == other.state()
        assert one.logger.info["env_battles_game"] == [B, 3 * B]
        assert other.logger.info["env_battles_game"] == [3 * B]
        assert {"env_restarts", "env_timeouts", "lost_episodes"} <= set(one.logger.info)
        won = one.counters()["env_battles_won"]
        assert one.counters()["env_win_rate"] == won / (3 * B)
    finally:
        one.close_env()
        other.close_env()
