"""Random streams: functions of seed, name and index; no global generator is touched."""

import contextlib
import random
from pathlib import Path

import numpy as np
import torch as th

from pymarl.components import seeding
from pymarl.config.build import resolve
from pymarl.run import run_sequential
from pymarl.runs.progress_reporter import ProgressReporter
from pymarl.utils.logging import Logger


def test_streams_are_functions_of_seed_name_and_index():
    def draw(*key: object) -> list[float]:
        return seeding.generator(*key).random(4).tolist()

    assert draw(1, "a", 0) == draw(1, "a", 0)
    keys = [(1, "a", 0), (2, "a", 0), (1, "b", 0), (1, "a", 1)]
    assert len({tuple(draw(*key)) for key in keys}) == len(keys)
    seeds = [seeding.episode_seed(1, seeding.ENV_TRAIN, k) for k in range(5000)]
    assert len(set(seeds)) == 5000
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_networks_are_made_without_touching_the_global_generator():
    before = th.get_rng_state()
    with seeding.seeded_torch(3):
        first = th.nn.Linear(4, 4).weight.clone()
    with seeding.seeded_torch(3):
        second = th.nn.Linear(4, 4).weight.clone()
    assert th.equal(first, second)
    assert th.equal(th.get_rng_state(), before)


def test_a_whole_training_draws_nothing_from_global_generators(tmp_path: Path):
    args = resolve("qmix", "matrix", ["t_max=120", "use_cuda=false", "test_interval=50"])
    before = (random.getstate(), np.random.get_state()[1].tolist(), th.get_rng_state().tolist())  # noqa: NPY002  # global
    with contextlib.ExitStack() as at_end:
        facts = run_sequential(args, Logger(), tmp_path, ProgressReporter(120, None, "off"), at_end)
    after = (random.getstate(), np.random.get_state()[1].tolist(), th.get_rng_state().tolist())  # noqa: NPY002  # global
    assert facts["env_steps"] > 120
    assert after == before
