"""The replay buffer against PyMARL's definition: one padded ring of episodes."""

import numpy as np
import torch as th
from hypothesis import given, settings
from hypothesis import strategies as st

from pymarl.components.replay_buffer import ReplayBuffer
from tests.reference.batches import Sizes, descriptions, random_batch

SIZES = Sizes(n_agents=2, obs=3, state=2, n_actions=3)
LIMIT = 6


def make_buffer(size: int) -> ReplayBuffer:
    scheme, groups, preprocess = descriptions(SIZES)
    return ReplayBuffer(scheme, groups, size, LIMIT + 1, preprocess)


class PaddedRing:
    """PyMARL's buffer: entries padded to the longest possible episode, overwritten in a ring."""

    def __init__(self, size: int) -> None:
        self.slots: list[dict[str, th.Tensor] | None] = [None] * size
        self.next = 0

    def insert(self, batch) -> None:
        for b in range(batch.batch_size):
            slot = {}
            for key, tensor in batch.data.items():
                padded = th.zeros(LIMIT + 1, *tensor.shape[2:], dtype=tensor.dtype)
                length = int(batch["filled"][b].sum())
                padded[:length] = tensor[b, :length]
                slot[key] = padded
            self.slots[self.next] = slot
            self.next = (self.next + 1) % len(self.slots)

    def sample(self, chosen: list[int]) -> dict[str, th.Tensor]:
        picked = [self.slots[index] for index in chosen]
        return {key: th.stack([slot[key] for slot in picked]) for key in picked[0]}


@settings(max_examples=25, deadline=None)
@given(
    size=st.integers(1, 5),
    rollouts=st.lists(
        st.lists(st.integers(1, LIMIT), min_size=1, max_size=2), min_size=1, max_size=6
    ),
    seed=st.integers(0, 2**16),
)
def test_sampling_is_bit_equal_to_the_padded_ring(size, rollouts, seed):
    buffer, ring = make_buffer(size), PaddedRing(size)
    for number, lengths in enumerate(rollouts):
        batch = random_batch(lengths, SIZES, seed + number)
        buffer.insert_episode_batch(batch)
        ring.insert(batch)
    stored = min(size, sum(len(lengths) for lengths in rollouts))
    assert buffer.episodes_in_buffer == stored
    assert buffer.can_sample(stored)
    assert not buffer.can_sample(stored + 1)

    count = max(1, stored - 1)
    chosen = (
        list(range(stored))
        if count == stored
        else np.random.default_rng(seed).choice(stored, count, replace=False).tolist()
    )
    sample = buffer.sample(count, np.random.default_rng(seed))
    expected = ring.sample(chosen)
    T = sample.max_t_filled()
    assert sample.max_seq_length == T
    assert set(sample.data) == set(expected)
    for key, tensor in expected.items():
        assert sample[key].dtype == tensor.dtype
        assert th.equal(sample[key], tensor[:, :T]), key


def test_a_buffer_holding_exactly_the_batch_returns_it_in_order_without_a_draw():
    buffer = make_buffer(3)
    buffer.insert_episode_batch(random_batch([2, 3, 4], SIZES, seed=0))
    rng = np.random.default_rng(0)
    sample = buffer.sample(3, rng)
    assert sample["filled"].sum(1).flatten().tolist() == [3, 4, 5]
    assert rng.random() == np.random.default_rng(0).random()


def test_samples_are_distinct_and_uniform():
    buffer = make_buffer(6)
    for number in range(6):
        batch = random_batch([1], SIZES, seed=number)
        batch["reward"][0, 0] = number
        buffer.insert_episode_batch(batch)
    counts = np.zeros(6)
    rng = np.random.default_rng(0)
    for _ in range(2000):
        drawn = buffer.sample(3, rng)["reward"][:, 0, 0].int().tolist()
        assert len(set(drawn)) == 3
        counts[drawn] += 1
    # 1000 expected each; binomial sd 22
    assert np.abs(counts - 1000).max() < 110


def test_memory_follows_the_episodes_own_length():
    short, long = make_buffer(4), make_buffer(4)
    short.insert_episode_batch(random_batch([1], SIZES, seed=0))
    long.insert_episode_batch(random_batch([5], SIZES, seed=0))
    assert long.nbytes() == 3 * short.nbytes()


def test_a_sample_in_used_memory_has_clean_padding():
    buffer = make_buffer(4)
    buffer.insert_episode_batch(random_batch([5, 4, 5, 6], SIZES, seed=0))
    assert buffer.sample(4, np.random.default_rng(0)).max_seq_length == 7
    for number, lengths in enumerate([[1, 3, 2, 4], [2, 6, 1, 1]]):
        buffer.insert_episode_batch(random_batch(lengths, SIZES, seed=1 + number))
        again, fresh = buffer.sample(4, np.random.default_rng(0)), buffer.batch_of([0, 1, 2, 3])
        assert again.max_seq_length == max(lengths) + 1
        for key, tensor in fresh.data.items():
            assert th.equal(again[key], tensor), key
            for row, length in enumerate(lengths):
                assert not tensor[row, length + 1 :].any(), key
