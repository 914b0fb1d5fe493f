"""Different teams in every environment at once: batches, records, pictures, other interfaces."""

import json

import numpy as np
import pytest

from pymarl.envs.env_batch import EnvBatch
from pymarl.envs.skirmish.replays.replay import load, verify
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.smacv2.names import SCENARIOS
from pymarl.errors import EnvError
from tests.contract import vector_checks as checks
from tests.reference.engine.compare import play_and_compare
from tests.runners.test_compact_replay import assert_same_batches, filled

EPO = {"prob_obs_enemy": 0.5, "action_mask": False}
CASES = {
    "terran_5_vs_5": {},
    "protoss_10_vs_11": {"enemy_order": "shuffled", "reward_scale_rule": "exact"},
    "zerg_5_vs_5": {**EPO, "smacv2_head_obs": True},
}


@pytest.fixture(params=CASES)
def case(request):
    args = {
        "map_name": request.param, "seed": 5, "reward_scale_seed": 1, **CASES[request.param],
    }  # fmt: skip  # one mapping
    return (lambda n: VectorSkirmish(n, **args)), (lambda: SkirmishEnv(**args)), args


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_engines_agree_to_the_bit(name):
    env = VectorSkirmish(1, map_name=name, seed=3)
    for seed in range(3):
        play_and_compare(env, seed, 25 if "20" in name else 60)


def play_some(env):
    for seed in range(4):
        play_and_compare(env, seed, 60)


@pytest.mark.parametrize("what", ["damage", "clock", "place"])
def test_a_planted_difference_is_found(what, monkeypatch):
    env = VectorSkirmish(1, map_name="terran_5_vs_5")
    real = env.teams.begin

    def begin(state, episode_state, e, seed):
        real(state, episode_state, e, seed)
        if what == "damage":
            state.traits[e]["damage"] += 1e-9
        elif what == "clock":
            state.episodes["order_phase"][e] += 1
        else:
            state.spawned[e]["x"][7] += 1e-6

    monkeypatch.setattr(env.teams, "begin", begin)
    with pytest.raises(AssertionError, match="the first difference"):
        play_some(env)


def test_one_call_plays_different_teams():
    env = VectorSkirmish(16, map_name="protoss_5_vs_5")
    env.reset(seeds=range(16))
    teams = {tuple(env.names_of(e)) for e in range(16)}
    assert len(teams) > 8
    alone = SkirmishEnv(map_name="protoss_5_vs_5")
    for e in (0, 7, 15):
        alone.reset(seed=e)
        assert alone.vector.unit_names == env.names_of(e)
        assert np.array_equal(alone.obs_array(), env.out.obs[e])


def test_the_batch_does_not_matter(case):
    checks.check_batch_does_not_matter(case[0])


def test_episodes_are_the_singles(case):
    checks.check_episodes_are_the_singles(case[0], case[1])


def test_masks(case):
    checks.check_masks(case[0])


def test_the_adapter_plays_the_same(case):
    make, _, args = case
    checks.check_episodes_are_the_singles(lambda n: EnvBatch(SkirmishEnv, n, args), case[1])
    del make


def test_threads_do_not_matter(case):
    make, single, args = case
    checks.check_episodes_are_the_singles(lambda n: VectorSkirmish(n, threads=2, **args), single)
    del make


def test_a_seed_gives_its_episode_whatever_was_played_before(case):
    _, single, _ = case

    def shown(before):
        env = single()
        for seed in before:
            env.reset(seed=seed)
            env.step([1] * env.n_agents)
        env.reset(seed=77)
        rewards = []
        for _ in range(30):
            avail = env.avail_array()
            reward, done, _ = env.step([int(np.flatnonzero(row)[-1]) for row in avail])
            rewards.append((reward, env.obs_array().tobytes(), env.get_state().tobytes()))
            if done:
                break
        return rewards

    assert shown([]) == shown([1, 2, 3])


# --- compact replay
@pytest.mark.parametrize("name", SCENARIOS)
def test_compact_replay_is_exact(name):
    compact, plain = filled("vector", 3, f"env_args.map_name={name}")
    assert compact.nbytes() < plain.nbytes() / 2
    assert_same_batches(compact, plain)


@pytest.mark.parametrize(
    "options",
    [
        ["prob_obs_enemy=0.0", "action_mask=false"],
        ["prob_obs_enemy=0.5", "smacv2_head_obs=true"],
        ["smacv2_head_obs=true", "enemy_order=shuffled"],
        ["obs_starcraft=false", "obs_timestep_number=true"],
        ["obs_last_action=true", "obs_instead_of_state=true", "prob_obs_enemy=0.5"],
    ],
)
@pytest.mark.parametrize("runner", ["vector", "episode", "parallel"])
def test_compact_replay_with_the_options_of_smacv2(options, runner):
    overrides = [f"env_args.{option}" for option in ["map_name=terran_5_vs_5", *options]]
    rows = 1 if runner == "episode" else 2
    assert_same_batches(*filled(runner, rows, *overrides, rollouts=2))


def test_hidden_enemies_are_hidden_on_smacs_maps_too():
    overrides = ["env_args.map_name=2s3z", "env_args.prob_obs_enemy=0.3"]
    assert_same_batches(*filled("vector", 2, *overrides))


def test_the_comparison_notices_a_wrong_type():
    from pymarl.components.episode_codec import UNITS

    compact, plain = filled("vector", 2, "env_args.map_name=terran_5_vs_5")
    at = len(compact.codec.observer.cells)
    units = compact.episodes[0][UNITS]
    units[0, at] = 1 - units[0, at]  # marine and marauder
    with pytest.raises(AssertionError):
        assert_same_batches(compact, plain)


# --- recordings and pictures
def played(**args):
    env = SkirmishEnv(**args)
    env.reset(seed=9)
    rng, done = np.random.default_rng(1), False
    while not done:
        done = env.step([int(rng.choice(np.flatnonzero(row))) for row in env.avail_array()])[1]
    return env


@pytest.mark.parametrize("name", ["terran_5_vs_5", "protoss_20_vs_23", "zerg_7_vs_9"])
def test_recorded_battles_are_played_again(name, tmp_path):
    env = played(map_name=name, replay_dir=str(tmp_path))
    env.save_replay()
    replay = load(next(tmp_path.glob("*.skirmish")))
    assert replay.header.unit_names == env.vector.unit_names
    assert "equal to the bit" in verify(replay)
    battle = json.loads(next(tmp_path.glob("*.json")).read_text())
    assert [unit["type"] for unit in battle["units"]] == env.vector.unit_names
    assert battle["frames"][0]["alive"] == [True] * len(battle["units"])


def test_a_recording_of_another_episode_is_noticed():
    from dataclasses import replace

    recorded = played(map_name="terran_5_vs_5").replay()
    other = replace(recorded, header=replace(recorded.header, seed=10))
    with pytest.raises(EnvError, match="differs at game loop 0"):
        verify(other)


def test_frames_show_the_episodes_own_units():
    env = SkirmishEnv(map_name="zerg_5_vs_5")
    for seed in (1, 2):
        env.reset(seed=seed)
        text = env.render(mode="ansi")
        for i, unit in enumerate(env.vector.unit_names[:5]):
            assert f"agent {i} {unit} (" in text
        assert env.render(mode="rgb_array").shape == (512, 512, 3)


def test_pettingzoo():
    pytest.importorskip("pettingzoo")
    from pettingzoo.test import parallel_api_test

    from pymarl.envs.skirmish.pettingzoo_env import SkirmishParallelEnv

    parallel_api_test(SkirmishParallelEnv(map_name="terran_5_vs_5"), num_cycles=60)
