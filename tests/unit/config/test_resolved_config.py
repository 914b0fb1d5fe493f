"""The validated configuration: what it holds, how it is written, and what joins it later."""

import pytest

from pymarl.config import layers
from pymarl.config.algorithms import MixingConfig
from pymarl.config.build import dump, resolve, run_folder, validate
from pymarl.config.schema import Config
from pymarl.errors import EnvError
from pymarl.registries import ENVS as ENV_REGISTRY
from pymarl.registries import LEARNERS

ALGS = layers.available("algs")
ENVS = layers.available("envs")


@pytest.mark.parametrize("alg", ALGS)
@pytest.mark.parametrize("env", ENVS)
def test_every_shipped_pair_is_valid(alg, env):
    config = resolve(alg, env, [])
    assert config.name == alg
    assert config.env == env
    assert validate(dump(config)) == config


def test_the_run_folder_is_made_of_the_runs_identity():
    config = resolve("vdn", "sim", ["env_args.map_name=8m", "seed=7", "experiment=x"])
    assert str(run_folder(config)) == "results/runs/x/sim/8m/vdn/seed=7"
    assert str(run_folder(resolve("vdn", "sim", ["run_dir=/a/b"]))) == "/a/b"


def test_configurations_are_frozen_and_defaults_live_in_yaml():
    config = resolve("qmix", "sim", [])
    with pytest.raises(ValueError, match="frozen"):
        config.lr = 1.0
    optional = {key for keys in MixingConfig.MIXER_KEYS.values() for key in keys}
    runtime = {"device", "env_info"}
    for model in (Config, *(LEARNERS.config_of(name) for name in LEARNERS)):
        with_default = {
            name for name, field in model.model_fields.items() if not field.is_required()
        }
        assert with_default <= optional | runtime


@pytest.mark.parametrize("env", ENVS)
def test_yaml_shows_the_defaults_of_the_environments_models(env):
    """The model is what counts; the file is where users look a key up."""
    layer = layers.named_layer("envs", env, "--env-config")
    assert ENV_REGISTRY.config_of(layer["env"])().model_dump() == layer["env_args"]


def test_the_sizes_are_joined_in_one_place():
    config = resolve("qmix", "sim", [])
    with pytest.raises(EnvError, match="sizes are not known yet"):
        _ = config.n_agents
    sizes = {"n_agents": 3, "n_actions": 9, "state_shape": 48, "obs_shape": 30, "episode_limit": 60}
    joined = config.with_env_info(sizes | {"observer": None, "agent_features": ["health"]})
    assert {key: getattr(joined, key) for key in sizes} == sizes
    assert dump(joined) == dump(config)
