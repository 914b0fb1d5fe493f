"""Every wrong input becomes one readable line."""

import pytest

from pymarl.config import layers
from pymarl.config.build import resolve, validate
from pymarl.errors import ConfigError


def problem(alg="qmix", env="sim", *overrides):
    with pytest.raises(ConfigError) as caught:
        resolve(alg, env, list(overrides))
    return str(caught.value)


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
        (["mixer=qmx"], "mixer='qmx': unknown; known: vdn, qmix, qatten; did you mean 'qmix'?"),
        (["td_lambda=1.5"], "td_lambda=1.5: input should be less than or equal to 1"),
        (["optimizer=sgd"], "optimizer='sgd': input should be 'rmsprop' or 'adam'"),
        (["action_selector=multinomial"], "action_selector='multinomial': input should be"),
        (["learner=q_learnr"], "learner='q_learnr': unknown; known: q_learner"),
        (["env=simm"], "env='simm': unknown; known: sim, sc2, smac, matrix; did you mean 'sim'?"),
        (["batch_size=64", "buffer_size=32"], "batch_size=64 is larger than buffer_size=32"),
        (["batch_size_run=4"], "batch_size_run=4: the episode runner has one environment"),
        (["evaluate=true"], "evaluate=True needs checkpoint_path"),
        (["save_replay=true"], "save_replay=True needs checkpoint_path"),
        (["td_residual=true"], "td_residual=True: is measured on the episodes of an evaluation"),
        (
            ["td_residual=true", "save_replay=true", "checkpoint_path=x", "test_greedy=false"],
            "add evaluate=true",
        ),
        (
            ["td_residual=true", "evaluate=true", "checkpoint_path=x", "test_greedy=false"],
            "use test_greedy=true",
        ),
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


@pytest.mark.parametrize("alg", ["coma", "qtran"])
def test_td_residuals_are_for_learners_with_a_greedy_value(alg):
    words = ["evaluate=true", "checkpoint_path=x", "td_residual=true"]
    message = problem(alg, "sim", *words)
    assert "td_residual=True: needs agents whose action values give the greedy policy's" in message
    assert f"which learner={alg}_learner has not" in message


def test_a_mixer_without_its_sizes_is_refused():
    assert "mixing_embed_dim: missing, and mixer=qmix needs it" in problem(
        "vdn", "sim", "mixer=qmix"
    )


def test_facts_of_the_environment_cannot_be_configured():
    tree = layers.layered("qmix", "sim") | {"n_agents": 5}
    with pytest.raises(ConfigError, match=r"n_agents: is found out from the environment"):
        validate(tree)


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
