"""A batch from the compact buffer is the batch from the plain one, bit for bit."""

import pickle
from typing import Any

import numpy as np
import pytest
import torch as th
from hypothesis import given, settings
from hypothesis import strategies as st

from pymarl.components.episode_codec import UNITS
from pymarl.components.replay_buffer import ReplayBuffer
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.maps.map_spec import map_names
from pymarl.envs.smac.rules.unit_table import COLUMNS
from pymarl.errors import CheckpointError
from tests.runners.playing import make_player

RANDOM = ["epsilon_start=1.0", "epsilon_finish=1.0", "buffer_size=64"]
OPTIONS = (
    "obs_all_health", "obs_own_health", "obs_last_action", "obs_pathing_grid",
    "obs_terrain_height", "obs_instead_of_state", "obs_timestep_number", "state_last_action",
    "state_timestep_number", "continuing_episode",
)  # fmt: skip  # a list of names


def plain_twin(buffer: ReplayBuffer) -> ReplayBuffer:
    """Return an empty buffer for the same batches that stores every entry."""
    return ReplayBuffer(
        buffer.raw_scheme,
        buffer.groups,
        buffer.buffer_size,
        buffer.max_seq_length,
        buffer.preprocess,
    )


def assert_same_batches(compact: ReplayBuffer, plain: ReplayBuffer) -> None:
    everything = list(range(plain.episodes_in_buffer))
    one, other = compact.batch_of(everything), plain.batch_of(everything)
    assert one.data.keys() == other.data.keys()
    assert UNITS not in one.data
    assert other["obs"].any()
    for key, tensor in other.data.items():
        assert one[key].dtype == tensor.dtype
        # Bits: 0.0 == -0.0 would not do.
        first, second = (each.contiguous().view(th.uint8) for each in (one[key], tensor))
        assert th.equal(first, second), key


def filled(
    runner: str, B: int, *overrides: str, rollouts: int = 1, **options: Any
) -> tuple[ReplayBuffer, ReplayBuffer]:
    """Return the compact and the plain buffer after the same rollouts."""
    made, compact = make_player(runner, B, *RANDOM, *overrides, **options)
    plain = plain_twin(compact)
    try:
        for _ in range(rollouts):
            batch = made.run()
            compact.insert_episode_batch(batch)
            plain.insert_episode_batch(batch)
    finally:
        made.close_env()
    return compact, plain


@pytest.mark.parametrize("name", map_names())
def test_on_every_map(name):
    compact, plain = filled("vector", 3, f"env_args.map_name={name}")
    assert UNITS in compact.codec.stored
    assert compact.nbytes() < plain.nbytes() / 2
    assert_same_batches(compact, plain)


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(["3m", "2s3z", "MMM", "3s5z_vs_3s6z", "bane_vs_bane", "corridor"]),
    chosen=st.fixed_dictionaries({name: st.booleans() for name in OPTIONS}),
    order=st.sampled_from(["created", "shuffled"]),
    seed=st.integers(0, 2**16),
)
def test_for_all_options_of_observation_and_state(name, chosen, order, seed):
    overrides = [f"env_args.{key}={str(value).lower()}" for key, value in chosen.items()]
    overrides.append(f"env_args.enemy_order={order}")
    assert_same_batches(
        *filled("vector", 2, f"env_args.map_name={name}", f"seed={seed}", *overrides)
    )


@pytest.mark.parametrize(("runner", "B"), [("episode", 1), ("vector", 3), ("parallel", 2)])
@pytest.mark.parametrize("order", ["created", "shuffled"])
def test_in_every_runner_and_after_several_rollouts(runner, B, order):
    overrides = "env_args.map_name=2s3z", f"env_args.enemy_order={order}"
    compact, plain = filled(runner, B, *overrides, rollouts=4)
    lengths = compact.batch_of(list(range(4)))["filled"].sum(1)
    assert len(set(lengths.flatten().tolist())) > 1
    assert_same_batches(compact, plain)


@pytest.mark.parametrize("column", ["x", "y", "health", "shield", "weapon_cooldown"])
def test_the_comparison_notices_one_wrong_number(column):
    compact, plain = filled("vector", 2, "env_args.map_name=2s3z")
    cells = compact.codec.observer.cells
    place = next(k for k, cell in enumerate(cells) if COLUMNS[cell % len(COLUMNS)] == column)
    compact.episodes[0][UNITS][0, place] += 0.5
    with pytest.raises(AssertionError):
        assert_same_batches(compact, plain)


def test_the_comparison_notices_a_wrong_action():
    compact, plain = filled("vector", 2)
    actions = compact.episodes[1]["actions"]
    actions[0, 0, 0] = (actions[0, 0, 0] + 1) % 9
    plain.episodes[1]["actions"][0, 0, 0] = actions[0, 0, 0]
    with pytest.raises(AssertionError, match="state"):
        assert_same_batches(compact, plain)


def test_27m_vs_30m_takes_less_than_a_gigabyte():
    compact, plain = filled("vector", 1, "env_args.map_name=27m_vs_30m")
    steps = len(compact.episodes[0]["actions"])
    assert compact.episodes[0]["actions"].dtype == th.uint8
    assert compact.nbytes() == steps * compact.codec.step_bytes()
    # 27 agents with 4 numbers, 30 enemies with 3, 27 actions, reward, end.
    assert compact.codec.step_bytes() == 4 * (27 * 4 + 30 * 3) + 27 + 4 + 1
    full = compact.codec.step_bytes() * 5000 * 181
    assert full < 1e9
    assert plain.codec.step_bytes() * 5000 * 181 > 30e9


@pytest.mark.parametrize(
    ("overrides", "options"),
    [
        (("compact_replay=false",), {}),
        # Its last actions are not the ones in the batch.
        (("env_args.heuristic_ai=true",), {}),
        ((), {"env": "matrix"}),
        (("batch_size=1", "buffer_size=1"), {"alg": "coma"}),
    ],
    ids=["switched off", "scripted agents", "no table", "on-policy"],
)
def test_where_entries_are_stored_as_they_are(overrides, options):
    compact, plain = filled("episode", 1, *overrides, rollouts=2, **options)
    assert UNITS not in compact.codec.recorded
    assert set(compact.codec.stored) == set(plain.codec.stored)
    assert compact.batch_of([0])["obs"].any()


def test_the_observer_can_be_sent_to_another_process():
    vector = VectorSkirmish(1, map_name="2s3z")
    assert vector.observer is not None
    copy = pickle.loads(pickle.dumps(vector.observer))
    assert np.array_equal(copy.cells, vector.observer.cells)
    for one, other in zip(copy.features, vector.observer.features, strict=True):
        assert np.array_equal(one, other)


def test_restoring_refuses_episodes_of_another_form():
    compact, plain = filled("vector", 2)
    for buffer, other in ((compact, plain), (plain, compact)):
        before = buffer.batch_of([0, 1])
        with pytest.raises(CheckpointError, match="replay episode 0 holds"):
            buffer.restore(dict(enumerate(other.episodes)), 2)
        assert th.equal(buffer.batch_of([0, 1])["obs"], before["obs"])
    smaller, _ = filled("vector", 2, "env_args.map_name=2s3z")
    with pytest.raises(CheckpointError, match=r"per step; expected torch\.\w+ of shape"):
        compact.restore(dict(enumerate(smaller.episodes)), 2)


def test_a_restored_buffer_samples_the_same():
    compact, plain = filled("vector", 3, rollouts=2)
    copy, _ = filled("vector", 3)
    copy.restore(dict(enumerate(compact.episodes)), compact.inserted)
    assert_same_batches(copy, plain)


def test_an_observer_needs_main_memory():
    compact, _ = filled("vector", 1)
    with pytest.raises(ValueError, match="on the CPU"):
        ReplayBuffer(
            compact.raw_scheme,
            compact.groups,
            2,
            61,
            compact.preprocess,
            "meta",
            compact.codec.observer,
        )
