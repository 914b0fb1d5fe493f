"""Shipped settings are those of PyMARL and PyMARL2."""

import pytest

from pymarl.config.build import dump, resolve

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
