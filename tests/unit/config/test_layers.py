"""Layers of YAML files and overrides: which value counts, and how values are read."""

import pytest

from pymarl.config import layers
from pymarl.config.build import resolve
from pymarl.errors import ConfigError


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


def test_a_name_is_found_in_folders_below_and_stands_for_one_file(tmp_path, monkeypatch):
    for path in ("default.yaml", "algs/a.yaml", "algs/origin/b.yaml", "algs/other/a.yaml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("lr: 2\n")
    monkeypatch.setenv("PYMARL_CONFIG_DIR", str(tmp_path))
    assert layers.available("algs") == ["a", "b"]
    assert layers.named_layer("algs", "b", "--config") == {"lr": 2}
    with pytest.raises(ConfigError, match=r"--config=a: more than one file .*a.yaml, other/a.yaml"):
        layers.named_layer("algs", "a", "--config")


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


@pytest.mark.parametrize("text", ["- 1\n- 2\n", "a: [1\n", "5\n", "\x00"])
def test_broken_config_files_are_named(tmp_path, text):
    path = tmp_path / "default.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"default\.yaml"):
        layers.read_layer(path)


def test_values_for_one_map_lie_over_the_algorithms_and_under_with():
    usual = resolve("qmix_ft", "sim", ["env_args.map_name=3m"])
    assert (usual.td_lambda, usual.epsilon_anneal_time) == (0.6, 100000)
    hard = resolve("qmix_ft", "sim", ["env_args.map_name=6h_vs_8z"])
    assert (hard.td_lambda, hard.epsilon_anneal_time) == (0.3, 500000)
    own = resolve("qmix_ft", "sim", ["td_lambda=0.9", "env_args.map_name=6h_vs_8z"])
    assert (own.td_lambda, own.epsilon_anneal_time) == (0.9, 500000)


@pytest.mark.parametrize("alg", layers.available("algs"))
def test_every_value_for_one_map_is_valid(alg):
    for name in layers.layered(alg, "sim").get("for_map", {}):
        assert resolve(alg, "sim", [f"env_args.map_name={name}"]).map_name == name
