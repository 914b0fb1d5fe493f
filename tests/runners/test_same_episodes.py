"""Episode k is the same episode in every runner and every batch size."""

import pytest
import torch as th

from tests.runners.playing import assert_equal, episodes, make_runner

COUNT = 8  # episodes; a runner of 3 plays one more
# epsilon must not depend on how many episodes a rollout has, or the comparison is of other things
FIXED = ["epsilon_start=0.3", "epsilon_finish=0.3"]


def played(runner, B, *overrides, test_mode=False, **options):
    made = make_runner(runner, B, *FIXED, *overrides, **options)
    try:
        return episodes(made, COUNT, test_mode)[:COUNT]
    finally:
        made.close_env()


@pytest.fixture(scope="module")
def reference():
    return played("episode", 1)


@pytest.mark.parametrize(
    ("runner", "B"), [("vector", 1), ("vector", 3), ("vector", 8), ("parallel", 1), ("parallel", 3)]
)
def test_training_episodes(reference, runner, B):
    assert_equal(played(runner, B), reference)
    lengths = [int(row["filled"].sum()) for row in reference]
    assert len(set(lengths)) > 1, "episodes of one length would not show what finished ones do"


def test_test_episodes_are_greedy_and_the_same():
    first = played("episode", 1, test_mode=True)
    assert_equal(played("vector", 8, test_mode=True), first)
    assert_equal(played("parallel", 8, test_mode=True), first)


@pytest.mark.parametrize(
    "overrides",
    [
        ("env_args.heuristic_ai=true",),
        ("env_args.continuing_episode=true", "env_args.step_mul=1"),
        ("obs_last_action=false", "obs_agent_id=false", "env_args.map_name=2s3z"),
    ],
    ids=["scripted agents", "timeouts", "other inputs"],
)
def test_settings_that_runners_must_respect(overrides):
    first = played("episode", 1, *overrides)
    assert_equal(played("vector", 4, *overrides), first)
    assert_equal(played("parallel", 2, *overrides), first)
    if "env_args.continuing_episode=true" in overrides:
        # all of them run into the time limit, and that is no terminal state
        assert all(int(row["filled"].sum()) == len(row["filled"]) for row in first)
        assert not any(row["terminated"].any() for row in first)
    if "env_args.heuristic_ai=true" in overrides:
        other = played("episode", 1)
        assert any(
            not th.equal(a["actions"], b["actions"]) for a, b in zip(first, other, strict=True)
        )


@pytest.mark.parametrize("B", [1, 3])
def test_the_compiled_actor_gives_the_controllers_actions(reference, B, monkeypatch):
    from pymarl.runners.acting import CompiledActor, ControllerActor

    made = make_runner("vector", B, *FIXED)
    assert isinstance(made.actor, CompiledActor)
    made.actor = ControllerActor(made.mac)
    assert_equal(episodes(made, COUNT)[:COUNT], reference)


def test_the_step_by_step_agent_goes_through_the_controller():
    made = make_runner("vector", 2, *FIXED, "fast=false")
    from pymarl.runners.acting import ControllerActor

    assert isinstance(made.actor, ControllerActor)
    assert_equal(episodes(made, 4), episodes(make_runner("vector", 2, *FIXED, "fast=false"), 4))


@pytest.mark.parametrize("test_mode", [False, True])
def test_policies_drawn_from_probabilities(test_mode):
    def played_by_coma(runner, B):
        # on-policy: an update uses the episodes of one rollout
        sizes = [f"batch_size={B}", f"buffer_size={B}"]
        return played(runner, B, *sizes, alg="coma", test_mode=test_mode)

    first = played_by_coma("episode", 1)
    assert_equal(played_by_coma("vector", 3), first)
    assert_equal(played_by_coma("parallel", 2), first)


@pytest.mark.parametrize("runner", ["parallel", "vector"])
@pytest.mark.parametrize(("env", "B"), [("matrix", 1), ("matrix", 3)])
def test_any_environment_plays_in_workers_and_in_batches(runner, env, B):
    assert_equal(played(runner, B, env=env), played("episode", 1, env=env))


def test_an_episode_has_its_own_seed_and_noise(reference):
    for i, one in enumerate(reference):
        for other in reference[:i]:
            assert not th.equal(one["state"], other["state"])
            assert not th.equal(one["actions"], other["actions"])


def test_a_difference_is_noticed(reference):
    changed = [{key: tensor.clone() for key, tensor in row.items()} for row in reference]
    changed[-1]["avail_actions"][-1, 0, 0] ^= 1
    with pytest.raises(AssertionError, match="episode 7: avail_actions differs"):
        assert_equal(changed, reference)


def test_epsilon_is_that_of_the_rollouts_start():
    made = make_runner("vector", 4, "epsilon_start=1.0", "epsilon_finish=0.0")
    made.run()
    assert made.mac.action_selector.epsilon == 1.0
    after_first = made.t_env
    made.run()
    assert made.mac.action_selector.epsilon == max(0.0, 1.0 - after_first / 200)
    made.run(test_mode=True)
    assert made.mac.action_selector.epsilon == 0.0


def test_batches_are_padded_with_zeros_also_after_longer_episodes():
    made = make_runner("vector", 3, *FIXED)
    batch = made.run()
    for _ in range(3):
        for b in range(3):
            length = int(batch["filled"][b].sum())
            assert length == int(made.rollout.lengths[b]) + 1
            for key, tensor in batch.data.items():
                assert not tensor[b, length:].any(), key
            for key in ("reward", "terminated"):
                assert not batch[key][b, length - 1 :].any(), key
            assert (batch["actions_onehot"][b, :length].sum(2) == 1).all()
            assert batch["avail_actions"][b, :length].gather(2, batch["actions"][b, :length]).all()
        for number in range(5):
            made.train_episodes = 1000 * number
            batch = made.run()
