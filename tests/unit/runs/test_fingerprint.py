"""What makes a checkpoint belong to a configuration."""

import logging

from pymarl.config.build import dump, resolve
from pymarl.run import args_sanity_check
from pymarl.runs.checkpoint import training_checkpoint
from pymarl.runs.checkpoint.training_checkpoint import fingerprint

OVERRIDES = ["use_cuda=false", "runner=vector", "batch_size_run=3", "test_nepisode=4"]


def test_rounding_the_test_episodes_keeps_the_checkpoint_usable():
    asked = resolve("qmix", "sim", OVERRIDES)
    used = args_sanity_check(dump(asked), logging.getLogger("test"))
    assert used.test_nepisode == 3
    assert fingerprint(used) == fingerprint(asked)


def test_what_decides_the_bits_changes_it_and_nothing_else():
    plain = fingerprint(resolve("qmix", "sim", OVERRIDES))
    assert fingerprint(resolve("qmix", "sim", [*OVERRIDES, "t_max=77", "run_dir=x"])) == plain
    for override in ("lr=0.1", "test_nepisode=6", "seed=2", "env_args.map_name=8m"):
        assert fingerprint(resolve("qmix", "sim", [*OVERRIDES, override])) != plain


def test_another_engine_version_is_another_training_of_the_simulator(monkeypatch):
    before = [fingerprint(resolve("qmix", env, ["use_cuda=false"])) for env in ("sim", "matrix")]
    later = training_checkpoint.ENGINE_VERSION + 1
    monkeypatch.setattr(training_checkpoint, "ENGINE_VERSION", later)
    after = [fingerprint(resolve("qmix", env, ["use_cuda=false"])) for env in ("sim", "matrix")]
    assert [x == y for x, y in zip(before, after, strict=True)] == [False, True]
