"""Which names are near enough to be a hint; every pair here was typed by somebody or is a trap."""

import pytest

from pymarl.config import layers
from pymarl.errors import ConfigError
from pymarl.utils.suggest import did_you_mean

TREE = layers.layered("qmix", "sim")
KEYS, ENV_KEYS = list(TREE), list(TREE["env_args"])
MAPS = ["3m", "8m", "25m", "8m_vs_9m", "10m_vs_11m", "MMM", "MMM2", "3s5z", "3s_vs_3z", "3s_vs_4z"]


def suggested(name, known):
    hint = did_you_mean(name, known)
    assert not hint or (hint.startswith("; did you mean '") and hint.endswith("'?"))
    return hint.split("'")[1] if hint else ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        # a typing error
        ("lrr", "lr"), ("gama", "gamma"), ("seeds", "seed"), ("mixxer", "mixer"),
        ("batch_sizee", "batch_size"), ("critic_rl", "critic_lr"), ("optimiser", "optimizer"),
        ("test_episodes", "test_nepisode"), ("learner_log_intevral", "learner_log_interval"),
        # capitals and punctuation
        ("tmax", "t_max"), ("T-Max", "t_max"), ("batchsize", "batch_size"),
        # letters left out
        ("btch_sze", "batch_size"), ("exprmnt", "experiment"), ("bsize", ""), ("nae", "name"),
        # words left out
        ("hidden_dim", "rnn_hidden_dim"), ("target_update", "target_update_interval"),
        ("batch", "batch_size"), ("cuda", "use_cuda"),
        # only letters in common, or another thing altogether
        ("render", ""), ("evaluation_epsilon", ""), ("evaluate_interval", ""), ("n_agents", ""),
        ("learning_rate", ""), ("save_model_freq", ""), ("map", ""), ("log_dir", ""),
        ("interval", ""), ("path", ""), ("use_sacred", ""), ("", ""), ("_", ""), ("x", ""),
    ],
)  # fmt: skip  # a table
def test_hints_for_keys(typed, meant):
    assert suggested(typed, KEYS) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("3n", "3m"), ("3mm", "3m"), ("3s5", "3s5z"), ("mmm2", "MMM2"), ("MMM3", "MMM2"),
        ("8mvs9m", "8m_vs_9m"), ("3s_vs_3", "3s_vs_3z"), ("5m", ""), ("3s_vs", ""),
        ("10gen_terran", ""),
    ],
)  # fmt: skip  # a table
def test_hints_for_maps(typed, meant):
    assert suggested(typed, MAPS) == meant


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("evaluation_epsilon=0", "unknown key 'evaluation_epsilon'; known: "),
        ("render=true", "unknown key 'render'; known: "),
        ("map_name=3m", "did you mean 'env_args.map_name'?"),
        ("reward_spase=true", "did you mean 'env_args.reward_sparse'?"),
        ("env_args.spase=true", "unknown key 'env_args.spase'; known: "),
    ],
)
def test_hints_on_the_command_line(typed, words):
    with pytest.raises(ConfigError) as caught:
        layers.apply_overrides(TREE, [typed])
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
