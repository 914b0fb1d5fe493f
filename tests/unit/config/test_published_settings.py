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


# The authors' files: wjh720/QPLEX qplex_sc2.yaml, oxwhirl/wqmix cw_qmix.yaml and ow_qmix.yaml, each
# on PyMARL's default.yaml; Qatten's sizes are PyMARL2's.
QPLEX = {
    "learner": "qplex_learner",
    "mixer": "dmaq",
    "hypernet_embed": 64,
    "num_kernel": 4,
    "adv_hypernet_layers": 1,
    "adv_hypernet_embed": 64,
    "is_minus_one": True,
    "weighted_head": True,
}
WEIGHTED = PYMARL_QMIX | {
    "learner": "max_q_learner",
    "central_loss": 1,
    "qmix_loss": 1,
    "w": 0.1,
    "central_mixer": "ff",
    "central_mixing_embed_dim": 256,
    "central_rnn_hidden_dim": 64,
    "central_action_embed": 1,
}
QATTEN = {
    "mixer": "qatten",
    "n_query_embedding_layer1": 64,
    "n_query_embedding_layer2": 32,
    "n_key_embedding_layer1": 32,
    "n_head_embedding_layer1": 64,
    "n_head_embedding_layer2": 4,
    "n_attention_head": 4,
    "n_constrant_value": 32,
    "type": "weighted",
}
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

HALF = {"central_loss": 0.5, "grad_norm_clip": 10}  # PyMARL2 halves one of the two losses


@pytest.mark.parametrize(
    ("alg", "own"),
    [
        ("iql_beta", PYMARL_COMMON | PYMARL_BETA | {"mixer": None}),
        ("vdn_beta", PYMARL_COMMON | PYMARL_BETA | {"mixer": "vdn"}),
        ("qmix_beta", PYMARL_COMMON | PYMARL_BETA | PYMARL_QMIX),
        ("qmix_ft", PYMARL2 | PYMARL_QMIX),
        ("vdn_ft", PYMARL2 | {"mixer": "vdn"}),
        ("qplex", PYMARL_COMMON | QPLEX | {"burn_in_period": 100}),
        ("cw_qmix", PYMARL_COMMON | WEIGHTED | {"hysteretic_qmix": False}),
        ("ow_qmix", PYMARL_COMMON | WEIGHTED | {"hysteretic_qmix": True, "w": 0.5}),
        ("qatten", PYMARL_COMMON | QATTEN),
        ("qplex_ft", PYMARL2 | QPLEX | {"adv_hypernet_layers": 2, "grad_norm_clip": 20}),
        ("cw_qmix_ft", PYMARL2 | WEIGHTED | HALF | {"hysteretic_qmix": False}),
        ("ow_qmix_ft", PYMARL2 | WEIGHTED | HALF | {"hysteretic_qmix": True}),
        ("qatten_ft", PYMARL2 | QATTEN | {"grad_norm_clip": 20}),
    ],
)
def test_named_settings_are_those_published(alg, own):
    config = dump(resolve(alg, "sim", []))
    assert {key: config[key] for key in own} == own


def test_qplex_has_its_authors_other_sizes_on_matrix_games_and_ow_qmix_its_weight():
    config = dump(resolve("qplex", "matrix", []))
    assert (config["num_kernel"], config["adv_hypernet_layers"]) == (10, 3)
    assert config["burn_in_period"] == config["batch_size"] == 32
    weights = [dump(resolve("ow_qmix", env, []))["w"] for env in ("matrix", "sim", "sc2")]
    assert weights == [0.1, 0.5, 0.5]
