"""Logs that contradict their own configuration are used and called out."""

import pytest

from analysis.cli import main
from analysis.dataset.storage import load
from tests.analysis import synthetic_runs
from tests.analysis.synthetic_sacred import RETURN, WIN_RATE, write_sacred

Q_LEARNING = ["loss", "grad_norm", "td_error_abs", "q_taken_mean", "target_mean"]
COMA = [*Q_LEARNING[2:], "critic_loss", "critic_grad_norm", "advantage_mean", "coma_loss", "pi_max"]
QTRAN = ["loss", "td_loss", "opt_loss", "nopt_loss", "td_error_abs"]
ACTOR_CRITIC = ["critic_loss", "advantage_mean", "pg_loss", "agent_grad_norm", "q_taken_mean"]


def call_outs(tmp_path):
    words = ["import", "--from", "pymarl", tmp_path / "s", "--out", tmp_path / "d"]
    assert main([str(w) for w in words]) == 0
    return load(tmp_path / "d").info["call_outs"]


def test_a_log_far_beyond_its_t_max(tmp_path, capsys):
    write_sacred(tmp_path / "s" / "1", [k / 100 for k in range(101)], {"t_max": 20_000})
    write_sacred(tmp_path / "s" / "2", [k / 100 for k in range(101)])
    said = call_outs(tmp_path)
    assert said[0] == (
        "qmix on 3m: 1 of 2 runs (seed 1): log goes on to t_env 1000037, 50 times its t_max of "
        "20000; is config.json another run's?"
    )
    assert "called out: qmix on 3m: 1 of 2 runs (seed 1): log goes on" in capsys.readouterr().out
    for command in ("table", "plot"):
        words = [command, "--data", tmp_path / "d", "--out", tmp_path / command]
        assert main([str(w) for w in words]) == 0
    assert "50 times its t_max of 20000" in (tmp_path / "table" / "summary.md").read_text()


@pytest.mark.parametrize(
    ("config", "extra"),
    [
        ({"t_max": 110_000}, {}),
        ({"t_max": 100_000}, {}),  # 1.1 times, but within 1.5 intervals
        ({"t_max": 90_000, "batch_size_run": 128}, {"test_ep_length_mean": 120.0}),  # a rollout
        ({"t_max": None}, {}),
    ],
)
def test_passing_t_max_by_a_rollout_or_an_interval_is_as_it_should_be(tmp_path, config, extra):
    keys = [WIN_RATE, *extra]
    folder = write_sacred(tmp_path / "s" / "1", [0.5] * 12, config, keys=keys)
    text = (folder / "info.json").read_text()
    for key, value in extra.items():
        old = f'"{key}": {[0.5] * 12}'
        assert old in text
        (folder / "info.json").write_text(text.replace(old, f'"{key}": {[value] * 12}'))
    assert not [c for c in call_outs(tmp_path) if "t_max" in c]


@pytest.mark.parametrize(
    ("name", "learner", "statistics", "said"),
    [
        ("coma", "coma_learner", Q_LEARNING, "configuration of coma, statistics of Q-learning"),
        ("qmix", "q_learner", COMA, "configuration of qmix, statistics of COMA (coma_loss)"),
        ("qmix", "q_learner", QTRAN, "configuration of qmix, statistics of QTRAN (opt_loss)"),
        ("qtran", "qtran_learner", Q_LEARNING, "configuration of qtran, statistics of Q-learning"),
        ("vdn_ns", None, ACTOR_CRITIC, "configuration of vdn_ns, statistics of actor-critic"),
        ("mine", "q_learner", COMA, "configuration of q_learner, statistics of COMA"),
        ("qmix", "coma_learner", COMA, "configuration of qmix, statistics of COMA"),
    ],
)
def test_statistics_of_another_algorithm(tmp_path, name, learner, statistics, said):
    config = {"name": name, "learner": learner}
    write_sacred(tmp_path / "s" / "1", [0.5] * 12, config, keys=[WIN_RATE, *statistics])
    (found,) = call_outs(tmp_path)
    assert said in found
    assert found.startswith(f"{name} on 3m: 1 of 1 runs (seed 1): ")


@pytest.mark.parametrize(
    ("config", "statistics"),
    [
        ({"name": "qmix", "learner": "q_learner", "mixer": "qmix"}, Q_LEARNING),
        ({"name": "qmix_beta", "mixer": "qmix"}, Q_LEARNING),
        ({"name": "iql", "learner": "q_learner"}, Q_LEARNING),
        ({"name": "vdn", "learner": "nq_learner", "mixer": "vdn"}, ["loss_td", *Q_LEARNING[1:]]),
        ({"name": "qtran", "learner": "qtran_learner", "mixer": "qtran_base"}, QTRAN),
        ({"name": "coma", "learner": "coma_learner"}, COMA),
        ({"name": "mappo", "learner": "ppo_learner"}, ACTOR_CRITIC),
        ({"name": "qplex", "learner": "dmaq_qatten_learner", "mixer": "dmaq"}, Q_LEARNING),
        ({"name": "qmix", "learner": "mine", "mixer": "my_mixer"}, ["my_loss"]),
        ({"name": "qmix"}, [RETURN]),
    ],
)
def test_statistics_that_fit_are_not_called_out(tmp_path, config, statistics):
    write_sacred(tmp_path / "s" / "1", [0.5] * 12, config, keys=[WIN_RATE, *statistics])
    assert call_outs(tmp_path) == []


def test_a_name_and_another_algorithm_s_mixer(tmp_path):
    write_sacred(tmp_path / "s" / "1", [0.5] * 12, {"name": "qmix", "mixer": "vdn"})
    (said,) = call_outs(tmp_path)
    assert "configuration named qmix with mixer vdn" in said


def test_our_own_runs_are_asked_the_same(tmp_path):
    synthetic_runs.write_run(tmp_path / "runs", alg="qmix", config={"t_max": 10_000})
    words = ["collect", "--runs", tmp_path / "runs", "--out", tmp_path / "d"]
    assert main([str(w) for w in words]) == 0
    assert "5 times its t_max of 10000" in load(tmp_path / "d").info["call_outs"][0]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"name": "vdn"}, "vdn on 3m: 1 of 1 runs (seed 1): folder of alg qmix, configuration of"),
        ({"env_args": {"map_name": "8m"}}, "folder of map 3m, configuration of map 8m"),
        ({"seed": 9}, "folder of seed 1, configuration of seed 9"),
        ({"experiment": "renamed"}, None),
    ],
)
def test_a_configuration_of_another_folder(tmp_path, config, said):
    synthetic_runs.write_run(tmp_path / "runs", config=config)
    words = ["collect", "--runs", tmp_path / "runs", "--out", tmp_path / "d"]
    assert main([str(w) for w in words]) == 0
    found = load(tmp_path / "d").info["call_outs"]
    assert (said in found[0]) if said else found == []
