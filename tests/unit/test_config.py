"""Layers, overrides and validation: every wrong input becomes one readable line."""

import subprocess
import sys

import pytest

from pymarl import registries
from pymarl.config import layers
from pymarl.config.build import dump, resolve, run_folder, validate
from pymarl.config.schema import Config
from pymarl.errors import ConfigError, EnvError
from pymarl.registries import ENVS as ENV_REGISTRY
from pymarl.registries import LEARNERS

ALGS = layers.available("algs")
ENVS = layers.available("envs")


def problem(alg="qmix", env="sim", *overrides):
    with pytest.raises(ConfigError) as caught:
        resolve(alg, env, list(overrides))
    return str(caught.value)


@pytest.mark.parametrize("alg", ALGS)
@pytest.mark.parametrize("env", ENVS)
def test_every_shipped_pair_is_valid(alg, env):
    config = resolve(alg, env, [])
    assert config.name == alg
    assert config.env == env
    assert validate(dump(config)) == config


# PyMARL's own values (its default.yaml, sc2.yaml, qmix.yaml, vdn.yaml, iql.yaml).
PYMARL_COMMON = {
    "runner": "episode",
    "mac": "basic_mac",
    "batch_size_run": 1,
    "test_nepisode": 32,
    "test_interval": 10000,
    "test_greedy": True,
    "log_interval": 10000,
    "runner_log_interval": 10000,
    "learner_log_interval": 10000,
    "t_max": 2050000,
    "gamma": 0.99,
    "batch_size": 32,
    "buffer_size": 5000,
    "lr": 0.0005,
    "critic_lr": 0.0005,
    "optim_alpha": 0.99,
    "optim_eps": 0.00001,
    "grad_norm_clip": 10,
    "rnn_hidden_dim": 64,
    "obs_agent_id": True,
    "obs_last_action": True,
    "epsilon_start": 1.0,
    "epsilon_finish": 0.05,
    "epsilon_anneal_time": 50000,
    "target_update_interval": 200,
    "double_q": True,
    "agent_output_type": "q",
    "learner": "q_learner",
    "action_selector": "epsilon_greedy",
    "save_model_interval": 2000000,
}
PYMARL_QMIX = {"mixer": "qmix", "mixing_embed_dim": 32, "hypernet_layers": 2, "hypernet_embed": 64}


@pytest.mark.parametrize(
    ("alg", "own"), [("qmix", PYMARL_QMIX), ("vdn", {"mixer": "vdn"}), ("iql", {"mixer": None})]
)
def test_defaults_are_pymarls(alg, own):
    config = dump(resolve(alg, "sim", []))
    expected = PYMARL_COMMON | own
    assert {key: config[key] for key in expected} == expected


def test_layers_override_each_other_in_pymarls_order(tmp_path, monkeypatch):
    for path, text in {
        "default.yaml": "a: 1\nb: 1\nc: 1\nenv_args: {}\n",
        "envs/e.yaml": "b: 2\nc: 2\nenv_args: {map_name: x, seed: 3}\n",
        "algs/g.yaml": "c: 3\n",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.setenv("PYMARL_CONFIG_DIR", str(tmp_path))
    tree = layers.layered("g", "e")
    assert tree == {"a": 1, "b": 2, "c": 3, "env_args": {"map_name": "x", "seed": 3}}
    changed = layers.apply_overrides(tree, ["env_args.seed=9", "a=1e-5"])
    assert changed["env_args"] == {"map_name": "x", "seed": 9}
    assert changed["a"] == 1e-5
    assert tree["a"] == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-5", 1e-5),
        ("1e3", 1000.0),
        ("2_050_000", 2050000),
        ("true", True),
        ("False", False),
        ("null", None),
        ("3m", "3m"),
        ("27m_vs_30m", "27m_vs_30m"),
        ("[1, 2]", [1, 2]),
        ("'5'", "5"),
        ("", None),
    ],
)
def test_values_on_the_command_line_are_read_as_meant(text, value):
    read = layers.parse_value(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["lrr=1"], "lrr (command line): unknown key 'lrr'; did you mean 'lr'?"),
        (["map_name=3m"], "unknown key 'map_name'; did you mean 'env_args.map_name'?"),
        (["env_args.map_nam=3m"], "unknown key 'env_args.map_nam'; did you mean 'map_name'?"),
        (["lr.x=1"], "unknown key 'lr.x'"),
        (["t_max=2e6"], "t_max=2000000.0: expected a whole number; write 2000000"),
        (["t_max=0"], "t_max=0: input should be greater than or equal to 1"),
        (["lr=abc"], "lr='abc': input should be a valid number"),
        (["lr=-1"], "lr=-1: input should be greater than 0"),
        (["lr=.inf"], "lr=inf"),
        (["gamma=1.5"], "gamma=1.5: input should be less than or equal to 1"),
        (["double_q=1"], "double_q=1: input should be a valid boolean"),
        (["seed=-3"], "seed=-3: input should be greater than or equal to 0"),
        (["mixer=qmx"], "mixer='qmx': unknown; known: vdn, qmix; did you mean 'qmix'?"),
        (["td_lambda=1.5"], "td_lambda=1.5: input should be less than or equal to 1"),
        (["optimizer=sgd"], "optimizer='sgd': input should be 'rmsprop' or 'adam'"),
        (["action_selector=multinomial"], "action_selector='multinomial': input should be"),
        (["learner=q_learnr"], "learner='q_learnr': unknown; known: q_learner"),
        (["env=simm"], "env='simm': unknown; known: sim, sc2, smac, matrix; did you mean 'sim'?"),
        (["batch_size=64", "buffer_size=32"], "batch_size=64 is larger than buffer_size=32"),
        (["batch_size_run=4"], "batch_size_run=4: the episode runner has one environment"),
        (["evaluate=true"], "evaluate=True needs checkpoint_path"),
        (["save_replay=true"], "save_replay=True needs checkpoint_path"),
        (["env_args.step_mul=0"], "env_args.step_mul=0: input should be greater than"),
        (["env_args.difficulty='8'"], "env_args.difficulty='8': only '7' exists here"),
        (["env_args.map_name=a/b"], "env_args.map_name='a/b': is the name of a folder"),
        (["runner=vectr"], "runner='vectr': unknown; known: episode, parallel, vector"),
        (["env_args.heuristic_rest=true"], "env_args.heuristic_rest=True has no effect without"),
        (["experiment=a/b"], "experiment='a/b': string should match pattern"),
        (["=3"], "'=3' after 'with': expected key=value"),
        (["lr"], "'lr' after 'with': expected key=value"),
        (["lr={"], "'{' is not a value that YAML can read"),
        (["env_args=3"], "env_args=3"),
        (["for_map.3m.lr=1"], "unknown key 'for_map'"),
    ],
)
def test_wrong_overrides_are_one_readable_line(overrides, message):
    text = problem("qmix", "sim", *overrides)
    assert message in text
    assert "\n" not in text
    assert "Traceback" not in text


def test_several_problems_are_all_named():
    text = problem("qmix", "sim", "lr=x", "env_args.move_amount=-1", "gamma=2")
    assert len(text.splitlines()) == 3


def test_unknown_names_are_listed_with_a_guess():
    assert "--config=qmx: unknown; known: " in problem("qmx")
    assert problem("qmx").endswith("did you mean 'qmix'?")
    assert problem("qmix", "simm").endswith("did you mean 'sim'?")


def test_a_mixer_without_its_sizes_is_refused():
    assert "mixing_embed_dim: missing, and mixer=qmix needs it" in problem(
        "vdn", "sim", "mixer=qmix"
    )


def test_facts_of_the_environment_cannot_be_configured():
    tree = layers.layered("qmix", "sim") | {"n_agents": 5}
    with pytest.raises(ConfigError, match=r"n_agents: is found out from the environment"):
        validate(tree)


@pytest.mark.parametrize("text", ["- 1\n- 2\n", "a: [1\n", "5\n", "\x00"])
def test_broken_config_files_are_named(tmp_path, text):
    path = tmp_path / "default.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"default\.yaml"):
        layers.read_layer(path)


def test_the_run_folder_is_made_of_the_runs_identity():
    config = resolve("vdn", "sim", ["env_args.map_name=8m", "seed=7", "experiment=x"])
    assert str(run_folder(config)) == "results/runs/x/sim/8m/vdn/seed=7"
    assert str(run_folder(resolve("vdn", "sim", ["run_dir=/a/b"]))) == "/a/b"


def test_configurations_are_frozen_and_defaults_live_in_yaml():
    config = resolve("qmix", "sim", [])
    with pytest.raises(ValueError, match="frozen"):
        config.lr = 1.0
    optional = {"mixing_embed_dim", "hypernet_layers", "hypernet_embed"}
    runtime = {"device", "env_info"}
    for model in (Config, *(LEARNERS.config_of(name) for name in LEARNERS)):
        with_default = {
            name for name, field in model.model_fields.items() if not field.is_required()
        }
        assert with_default <= optional | runtime


PYMARL_BETA = {"runner": "parallel", "batch_size_run": 8, "buffer_size": 5000, "batch_size": 32}
PYMARL2 = {
    "runner": "parallel",
    "batch_size_run": 8,
    "buffer_size": 5000,
    "batch_size": 128,
    "optimizer": "adam",
    "lr": 0.001,
    "td_lambda": 0.6,
    "epsilon_anneal_time": 100000,
    "target_update_interval": 200,
    "t_max": 10050000,
}


@pytest.mark.parametrize(
    ("alg", "own"),
    [
        ("iql_beta", PYMARL_COMMON | PYMARL_BETA | {"mixer": None}),
        ("vdn_beta", PYMARL_COMMON | PYMARL_BETA | {"mixer": "vdn"}),
        ("qmix_beta", PYMARL_COMMON | PYMARL_BETA | PYMARL_QMIX),
        ("qmix_ft", PYMARL2 | PYMARL_QMIX),
        ("vdn_ft", PYMARL2 | {"mixer": "vdn"}),
    ],
)
def test_named_settings_are_those_published(alg, own):
    config = dump(resolve(alg, "sim", []))
    assert {key: config[key] for key in own} == own


def test_values_for_one_map_lie_over_the_algorithms_and_under_with():
    usual = resolve("qmix_ft", "sim", ["env_args.map_name=3m"])
    assert (usual.td_lambda, usual.epsilon_anneal_time) == (0.6, 100000)
    hard = resolve("qmix_ft", "sim", ["env_args.map_name=6h_vs_8z"])
    assert (hard.td_lambda, hard.epsilon_anneal_time) == (0.3, 500000)
    own = resolve("qmix_ft", "sim", ["td_lambda=0.9", "env_args.map_name=6h_vs_8z"])
    assert (own.td_lambda, own.epsilon_anneal_time) == (0.9, 500000)


@pytest.mark.parametrize("alg", ALGS)
def test_every_value_for_one_map_is_valid(alg):
    for name in layers.layered(alg, "sim").get("for_map", {}):
        assert resolve(alg, "sim", [f"env_args.map_name={name}"]).map_name == name


def test_sections_for_maps_must_be_mappings(tmp_path, monkeypatch):
    for path, text in {
        "default.yaml": "env: e\nenv_args: {}\n",
        "envs/e.yaml": "env_args: {map_name: x}\n",
        "algs/g.yaml": "name: g\nfor_map: {x: 3}\n",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.setenv("PYMARL_CONFIG_DIR", str(tmp_path))
    assert "for_map of --config=g: expected names with" in problem("g", "e")


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


TABLES = [getattr(registries, name) for name in dir(registries) if name.isupper()]


@pytest.mark.parametrize("registry", TABLES, ids=lambda registry: registry.key)
def test_every_registered_name_leads_to_a_class(registry):
    for name in registry:
        assert isinstance(registry[name], type)


def test_a_check_loads_neither_torch_nor_compiled_code():
    """``python -m pymarl check`` runs for every run of an experiment, and in ``snakemake -n``."""
    code = (
        "import sys; from pymarl.main import main\n"
        "for alg in ('qmix', 'coma', 'qtran'):\n"
        "    for env in ('sim', 'matrix'):\n"
        "        assert main(['check', f'--config={alg}', f'--env-config={env}']) == 0\n"
        "loaded = {'torch', 'numba', 'sacred', 'pysc2'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, capture_output=True)
