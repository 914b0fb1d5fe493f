"""What a configuration may ask of runners."""

import logging

import pytest

from pymarl.config.build import dump, resolve, validate
from pymarl.errors import ConfigError
from pymarl.run import args_sanity_check


def test_the_episode_runner_has_one_environment():
    with pytest.raises(ConfigError, match=r"batch_size_run=8.*runner=vector or runner=parallel"):
        resolve("qmix", "sim", ["batch_size_run=8"])


@pytest.mark.parametrize("env", ["sim", "sc2", "matrix"])
def test_the_vector_runner_steps_any_environment(env):
    assert validate(dump(resolve("qmix", env, ["runner=vector", "batch_size_run=8"])))


def test_an_unknown_runner_is_named():
    with pytest.raises(ConfigError, match="runner"):
        resolve("qmix", "sim", ["runner=vectro"])


def test_the_timeout_is_positive():
    with pytest.raises(ConfigError, match="env_timeout_s"):
        resolve("qmix", "sim", ["env_timeout_s=0"])


@pytest.mark.parametrize(("asked", "used"), [(32, 32), (20, 16), (3, 8)])
def test_test_episodes_are_whole_rollouts(asked, used, caplog):
    overrides = ["runner=vector", "batch_size_run=8", f"test_nepisode={asked}", "use_cuda=false"]
    config = dump(resolve("qmix", "sim", overrides))
    with caplog.at_level(logging.WARNING):
        args = args_sanity_check(config, logging.getLogger("rules"))
    assert args.test_nepisode == used
    assert (f"test_nepisode={asked}" in caplog.text) == (asked != used)
