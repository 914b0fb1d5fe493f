"""Configurations without a map or an algorithm: what stands for it, and what is asked for."""

import pytest

from analysis.cli import main
from analysis.dataset.storage import load
from tests.analysis import synthetic_runs
from tests.analysis.synthetic_sacred import RETURN, write_sacred

CUSTOM = {"env": "stag_hunt", "env_args": {"n_agents": 8, "episode_limit": 200}}


def imported(tmp_path, *options):
    words = ["import", "--from", "pymarl", tmp_path / "s", *options, "--out", tmp_path / "d"]
    assert main([str(w) for w in words]) == 0
    return load(tmp_path / "d")


def write(tmp_path, seed=5, **config):
    return write_sacred(tmp_path / "s" / str(seed), [0.5] * 12, config, keys=[RETURN])


def test_the_environment_s_name_stands_for_the_map(tmp_path):
    for seed in (5, 6):
        write(tmp_path, seed, **CUSTOM)
    dataset = imported(tmp_path)
    assert dataset.info["n_complete"] == 2
    runs = dataset.runs
    assert set(runs["map"]) == {"stag_hunt"}
    assert (runs["seed"].tolist(), set(runs["t_max"])) == ([5, 6], {110_000})
    assert runs["problems"].str.contains("the environment's name stands for it").all()


def test_map_is_given(tmp_path):
    write(tmp_path, 5, **CUSTOM)
    write(tmp_path, 6)  # names 3m: what is recorded stays
    runs = imported(tmp_path, "--map", "hunt_8").runs.set_index("seed")
    assert runs["map"].to_dict() == {5: "hunt_8", 6: "3m"}


@pytest.mark.parametrize("key", ["map_name", "key", "scenario_name", "scenario"])
def test_other_keys_for_what_is_played(tmp_path, key):
    write(tmp_path, env="particle", env_args={key: "simple_tag"})
    assert imported(tmp_path).runs["map"].tolist() == ["simple_tag"]


def test_a_map_beside_env_args(tmp_path):
    write(tmp_path, env="particle", env_args={"n_agents": 2}, map_name="simple_tag")
    assert imported(tmp_path).runs["map"].tolist() == ["simple_tag"]


@pytest.mark.parametrize(
    ("config", "options", "reason", "given"),
    [
        (
            CUSTOM | {"name": None},
            "--alg mine",
            "config.json: names no algorithm ('name'); give --alg NAME with import",
            ("mine", "stag_hunt"),
        ),
        (
            {"env": None, "env_args": {}},
            "--map hunt",
            "config.json: names no map ('env_args.map_name' or 'env_args.key') and no environment "
            "('env'); give --map NAME with import",
            ("qmix", "hunt"),
        ),
        (
            {"env": None, "env_args": None, "name": None},
            "--map hunt --alg mine",
            "config.json: names no algorithm ('name') and no map ('env_args.map_name' or "
            "'env_args.key') and no environment ('env'); give --alg NAME and --map NAME with "
            "import",
            ("mine", "hunt"),
        ),
    ],
)
def test_only_what_is_missing_is_named_and_can_be_given(
    tmp_path, capsys, config, options, reason, given
):
    write(tmp_path, **config)
    dataset = imported(tmp_path)
    assert dataset.info["exclusions"][0]["reason"] == reason
    assert f"(1 broken); the first: {reason}" in capsys.readouterr().out
    row = dataset.runs.iloc[0]
    assert (row["seed"], row["t_max"], row["n_evaluations"]) == (5, 110_000, 12)
    dataset = imported(tmp_path, *options.split())
    assert dataset.info["n_complete"] == 1
    row = dataset.runs.iloc[0]
    assert (row["alg"], row["map"]) == given


def test_half_of_what_is_missing_is_given(tmp_path):
    write(tmp_path, env=None, env_args=None, name=None)
    (left,) = imported(tmp_path, "--map", "hunt").info["exclusions"]
    assert left["reason"] == "config.json: names no algorithm ('name'); give --alg NAME with import"
    assert left["map"] == "hunt"


def test_a_log_that_could_not_be_read_stays_broken(tmp_path):
    (write(tmp_path, **CUSTOM | {"name": None}) / "info.json").unlink()
    (left,) = imported(tmp_path, "--alg", "mine").info["exclusions"]
    assert left["reason"].startswith("info.json: missing")


def test_our_own_folders_name_the_map(tmp_path):
    """A custom environment without map_name: the folder's map, which an experiment gave it."""
    config = {"env_args": {"n_agents": 2}}
    synthetic_runs.write_run(tmp_path / "runs", "hunt", config=config)
    synthetic_runs.write_run(tmp_path / "runs", "hunt", seed=2, config={"name": None})
    words = ["collect", "--runs", tmp_path / "runs", "--out", tmp_path / "d"]
    assert main([str(w) for w in words]) == 0
    dataset = load(tmp_path / "d")
    assert dataset.runs[dataset.runs["included"]]["map"].tolist() == ["hunt"]
    (left,) = dataset.info["exclusions"]
    assert left["reason"] == "config.json: names no algorithm ('name')"
