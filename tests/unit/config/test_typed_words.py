"""Words as people type them: what a key holds decides what they are."""

import pytest

from pymarl.config import layers, yaml_text
from pymarl.config.build import dump, resolve, validate
from pymarl.envs import REGISTRY
from pymarl.envs.matrix import MatrixArgs
from pymarl.envs.smac.args import SmacArgs
from pymarl.errors import ConfigError
from pymarl.utils.validation import accepted_types


def value_of(entry, env="sim"):
    config = resolve("qmix", env, [entry])
    value = config
    for part in entry.partition("=")[0].split("."):
        value = getattr(value, part)
    return value


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        # text keys take the word
        ("env_args.game_version=4.10", "4.10"),
        ("env_args.game_version=4.6.2", "4.6.2"),
        ("env_args.game_version=latest", "latest"),
        ("env_args.difficulty=7", "7"),
        ("label=1e5", "1e5"),
        ("label=1_000", "1_000"),
        ("label=010", "010"),
        ("label=0x10", "0x10"),
        ("label=12:30", "12:30"),
        ("label=on", "on"),
        ("label=True", "True"),
        ("label=2024-01-01", "2024-01-01"),
        ("label=foo: bar", "foo: bar"),
        ("label={", "{"),
        ("label=[1, 2]", "[1, 2]"),
        ("label= 4.10 ", "4.10"),
        ("experiment=2024", "2024"),
        ("env_args.map_name=1e3", "1e3"),
        # quotes as in YAML
        ("label='4.10'", "4.10"),
        ('label="None"', "None"),
        ("env_args.game_version='None'", "None"),
        # nothing
        ("label=", ""),
        ("run_dir=", ""),
        ("env_args.game_version=", None),
        # null where null is allowed
        ("env_args.game_version=None", None),
        ("env_args.game_version=null", None),
        ("env_args.replay_dir=~", None),
        ("env_args.step_mul=None", None),
        ("env_args.seed=None", None),
        ("mixer=None", None),
        # other types are YAML's
        ("t_max=2_000", 2000),
        ("lr=1e-3", 1e-3),
        ("test_greedy=no", False),
        ("env_args.step_mul=4", 4),
    ],
)
def test_words_are_read_by_the_type_of_their_key(entry, value):
    env = "sc2" if "difficulty" in entry else "sim"
    if "map_name" in entry:  # the map need not exist for that
        tree = layers.apply_overrides(layers.layered("qmix", env), [entry])
        assert tree["env_args"]["map_name"] == value
        return
    got = value_of(entry, env)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("seed=None", "seed=None: cannot be null; input should be a valid integer"),
        ("lr=null", "lr=None: cannot be null; input should be a valid number"),
        ("label=None", "label=None: is a text and cannot be null; the empty text is ''"),
        ("checkpoint_path=null", "checkpoint_path=None: is a text and cannot be null"),
        ("env_args.map_name=None", "env_args.map_name=None: is a text and cannot be null"),
        ("mixer=7", "mixer='7': unknown; known: vdn, qmix"),
        ("lr={", "'{' is not a value that YAML can read"),
        ("env_args={game_version: 4.10}", "env_args.game_version=4.1: is a text, and was read as"),
        ("env_args.no_such=4.10", "unknown key 'env_args.no_such'"),
        ("env=sims", "env='sims': unknown"),
        ("learner=1.5", "learner=1.5: unknown"),
    ],
)
def test_what_cannot_be_meant_is_one_line(entry, message):
    with pytest.raises(ConfigError) as caught:
        resolve("qmix", "sim", [entry])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_last_word_counts():
    assert value_of_last(["label={", "label=x"]) == "x"
    assert value_of_last(["label=x", "label=4.10"]) == "4.10"


def value_of_last(entries):
    return resolve("qmix", "sim", entries).label


def test_a_text_that_a_file_has_lost_is_said(tmp_path, monkeypatch):
    for path, text in {
        "default.yaml": yaml_text.to_yaml(layers.read_layer(layers.config_dir() / "default.yaml")),
        "envs/sim.yaml": "env: sim\nenv_args: {map_name: 3m, difficulty: 7, game_version: 4.10}\n",
        "envs/none.yaml": "env: sim\nenv_args: {map_name: 3m, game_version: None}\nlabel: 7\n",
        "algs/qmix.yaml": yaml_text.to_yaml(layers.named_layer("algs", "qmix", "--config")),
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.setenv("PYMARL_CONFIG_DIR", str(tmp_path))
    message = "env_args.game_version=4.1: is a text, and was read as a number, .*4.10 and 4.1.*quo"
    with pytest.raises(ConfigError, match=message):
        resolve("qmix", "sim", [])
    fixed = resolve("qmix", "sim", ["env_args.game_version=4.10"])
    assert (fixed.env_args.game_version, fixed.env_args.difficulty) == ("4.10", "7")
    other = resolve("qmix", "none", [])
    assert (other.env_args.game_version, other.label) == (None, "7")


def test_constructors_take_what_configurations_take():
    assert SmacArgs.parse({"difficulty": 7}).difficulty == "7"
    assert MatrixArgs.parse({"map_name": "penalty"}).map_name == "penalty"
    for wrong, words in [
        (4.1, "was read as a number, which does not tell how it was written (4.10 and 4.1"),
        (
            True,
            "was read as a truth value, which does not tell how it was written; put it in",
        ),
        (["4"], "input should be a valid string"),
    ]:
        with pytest.raises(ConfigError) as caught:
            REGISTRY["sim"](map_name="3m", game_version=wrong)
        assert words in str(caught.value)


@pytest.mark.parametrize("label", ["None", "1e5", "null", "4.10", "on", "", "'", "a: b"])
def test_what_check_prints_is_read_back(label):
    config = resolve("qmix", "sim", []).model_copy(update={"label": label})
    printed = yaml_text.to_yaml(dump(config))
    assert validate(yaml_text.parse_value(printed)) == config


def test_types_of_annotations():
    from typing import Annotated, Any, Literal

    none = type(None)
    assert accepted_types(Annotated[str, "x"] | None) == {str, none}
    assert accepted_types(Literal["a", 1]) == {str, int}
    assert accepted_types(list[int]) == {list}
    assert accepted_types(Any) == frozenset() or str not in accepted_types(Any)
