"""The vector form: same bits alone, in any batch, on any threads; seeds, masks, resets."""

import numpy as np
import pytest

from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.skirmish.tools.policies import Policy
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.errors import ConfigError, EnvError


def trace(env, steps, seeds):
    """Everything B environments put out under the random policy, per environment."""
    actor = Policy("random", env.n_envs, env.n_agents)
    # Each environment's random actions come from a stream of its own seed.
    actor._streams[:] = np.array(seeds, np.uint64)
    env.reset(seeds=seeds)
    log = []
    for _ in range(steps):
        out = env.step(actor.act(env.out.avail))
        log.append(
            [
                out.obs[e].tobytes()
                + out.state[e].tobytes()
                + out.avail[e].tobytes()
                + out.reward[e].tobytes()
                + out.terminated[e].tobytes()
                for e in range(env.n_envs)
            ]
        )
    return list(map(list, zip(*log, strict=True)))


@pytest.mark.parametrize("name", ["3m", "2s3z", "MMM", "corridor"])
def test_an_environment_does_not_notice_its_batch_or_threads(name):
    seeds = [5, 6, 7, 8, 9]
    streams = [100, 200, 300, 400, 500]
    whole = VectorSkirmish(5, seeds=streams, auto_reset=True, map_name=name)
    threaded = VectorSkirmish(5, seeds=streams, auto_reset=True, threads=3, map_name=name)
    expected = trace(whole, 80, seeds)
    assert trace(threaded, 80, seeds) == expected
    threaded.close()
    alone = VectorSkirmish(1, seeds=[streams[3]], auto_reset=True, map_name=name)
    assert trace(alone, 80, seeds[3:4]) == expected[3:4]


def test_caller_owned_arrays_are_written_and_kept():
    env = VectorSkirmish(2, map_name="3m")
    first, second = env.new_out(), env.new_out()
    assert env.reset(out=first) is first
    assert first.avail[:, :, 1].all()
    assert env.step(np.ones((2, 3), int), out=second) is second
    assert not np.array_equal(first.state, second.state)


def test_manual_reset_touches_only_its_mask():
    env = VectorSkirmish(3, map_name="3m")
    env.reset(seeds=[1, 2, 3])
    env.step(np.ones((3, 3), int))
    before = env.out.state.copy()
    env.reset(np.array([0, 1, 0]), seeds=[0, 9, 0])
    same = (env.out.state == before).all(axis=1)
    assert same.tolist() == [True, False, True]
    assert env.episode_seeds.tolist() == [1, 9, 3]


def test_masked_steps_leave_the_others_alone():
    env = VectorSkirmish(2, map_name="3m")
    env.reset(seeds=[1, 1])
    env.step(np.full((2, 3), 4), mask=np.array([1, 0]))
    assert not np.array_equal(env.state.units[0], env.state.units[1])
    env.step(np.full((2, 3), 4), mask=np.array([0, 1]))
    assert np.array_equal(env.state.units[0], env.state.units[1])


def test_automatic_reset_starts_the_next_episode_of_the_own_stream():
    env = VectorSkirmish(1, seeds=[4], auto_reset=True, map_name="3m")
    env.reset(seeds=[0])
    first = env.out.state.copy()
    ended = False
    while not ended:
        ended = bool(env.step(env.out.avail[:, :, 1].astype(int)).terminated[0])
    other = VectorSkirmish(1, seeds=[4], map_name="3m")
    assert env.episode_seeds[0] == other.next_seed(0)
    other.reset(seeds=env.episode_seeds)
    assert np.array_equal(env.out.state, other.out.state)
    assert np.array_equal(env.out.state, first)  # spawns are fixed; facings are not in the state


def test_one_environment_is_the_vector_of_one():
    env, vector = (SkirmishEnv(map_name="2s3z", seed=3), VectorSkirmish(1, map_name="2s3z", seed=3))
    for _ in range(2):
        env.reset()
        vector.reset()
        assert env.episode_seed == int(vector.episode_seeds[0])
        for _ in range(10):
            actions = [int(np.flatnonzero(row)[-1]) for row in env.avail_array()]
            reward, _, _ = env.step(actions)
            vector.step(np.array([actions]))
            assert reward == vector.out.reward[0]
            assert np.array_equal(env.get_state(), vector.out.state[0])


def test_a_seed_fixes_the_episode_and_seeds_differ():
    env = SkirmishEnv(map_name="3m", seed=1)

    def play(seed):
        env.reset(seed=seed)
        log = []
        over = False
        while not over:
            actions = [int(row[1]) for row in env.avail_array()]
            reward, over, _ = env.step(actions)
            log.append((reward, env.get_state().tobytes()))
        return log

    assert play(1) == play(1)
    assert play(1) != play(2)


def test_misuse_is_refused_in_words():
    env = SkirmishEnv(map_name="3m")
    env.reset(seed=0)
    with pytest.raises(
        EnvError, match=r"agent 1 cannot perform action 6; available: \[1, 2, 3, 4, 5\]"
    ):
        env.step([1, 6, 1])
    with pytest.raises(EnvError, match="agent 0 cannot perform action -1"):
        env.step([-1, 1, 1])
    over = False
    while not over:
        _, over, _ = env.step([int(row[1]) for row in env.avail_array()])
    with pytest.raises(EnvError, match="the battle is over"):
        env.step([0, 0, 0])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"map_nam": "3m"}, "env_args.map_nam='3m': unknown key; did you mean 'map_name'"),
        ({"map_name": "3n"}, "unknown map; known: .*did you mean"),
        ({"map_name": "3m", "difficulty": "8"}, "difficulty='8': only '7' exists"),
        (
            {"map_name": "3m", "step_mul": 0},
            "step_mul=0: input should be greater than or equal",
        ),
        ({"map_name": "3m", "step_mul": 2.5}, "step_mul=2.5: input should be a valid integer"),
        (
            {"map_name": "3m", "reward_win": "200"},
            "reward_win='200': input should be a valid num",
        ),
        (
            {"map_name": "3m", "obs_all_health": 1},
            "obs_all_health=1: input should be a valid bool",
        ),
        ({"map_name": "3m", "heuristic_rest": True}, "no effect without heuristic_ai"),
        ({"map_name": "3m", "move_amount": 0}, "move_amount=0: input should be greater than 0"),
    ],
)
def test_bad_arguments_are_one_line(args, message):
    with pytest.raises(ConfigError, match=message) as caught:
        SkirmishEnv(**args)
    assert "\n" not in str(caught.value)
