"""The command line: usage errors, checks without a run, environments that cannot start."""

import subprocess
import sys

import pytest
import yaml

from pymarl import cli
from pymarl.errors import ConfigError
from pymarl.main import EXIT_DONE, EXIT_USAGE, main


def call(capsys, *argv):
    code = main(list(argv))
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--env-config=sim"], "--config: missing; one of "),
        (["--config=qmix"], "--env-config: missing; one of "),
        (["--config=qmix", "--env-config=sim", "lr=1"], "overrides go after the word 'with'"),
        (["--config=qmix", "--env-config=sim", "--frobnicate"], "'--frobnicate' is not understood"),
        (["--config=nope", "--env-config=sim"], "--config=nope: unknown; known: "),
        (
            ["--config=qmix", "--env-config=sim", "with", "env_args.map_name=3n"],
            "did you mean '3m'?",
        ),
        (["--config=qmix", "--env-config=sim", "with", "t_max=1.5"], "t_max=1.5: "),
        (["--config=qmix", "--env-config=sim", "--progress=loud"], "command line: argument"),
        (["fly", "--config=qmix", "--env-config=sim"], "command line: argument"),
        (["--config=qmix", "--env-config=sc2"], "no StarCraft II at SC2PATH="),
    ],
)
def test_usage_errors_are_one_line_and_exit_2(capsys, tmp_path, monkeypatch, argv, message):
    monkeypatch.setenv("SC2PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, *argv)
    assert code == EXIT_USAGE
    assert message in err
    assert err.startswith("pymarl: ")
    assert err.count("\n") == 1
    assert out == ""
    assert list(tmp_path.iterdir()) == []


def test_sc2_without_the_game_names_the_simulator(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("SC2PATH", str(tmp_path))
    _, _, err = call(capsys, "--config=qmix", "--env-config=sc2")
    assert f"SC2PATH={tmp_path}" in err
    assert "--env-config=sim" in err


def test_help_lists_what_there_is(capsys):
    code, out, _ = call(capsys, "--help")
    assert code == EXIT_DONE
    for word in ("qmix", "vdn", "iql", "sim", "matrix", "with KEY=VALUE"):
        assert word in out
    assert max(len(line) for line in out.splitlines()) <= 100


@pytest.mark.parametrize(
    "flags", [["--config=vdn", "--env-config=sim"], ["--config", "vdn", "--env-config", "sim"]]
)
def test_check_prints_the_resolved_configuration_and_runs_nothing(
    capsys, tmp_path, monkeypatch, flags
):
    monkeypatch.chdir(tmp_path)
    code, out, _ = call(capsys, "check", *flags, "with", "env_args.map_name=8m", "lr=1e-3")
    assert code == EXIT_DONE
    config = yaml.safe_load(out)
    assert config["env_args"]["map_name"] == "8m"
    assert config["lr"] == 1e-3
    assert config["name"] == "vdn"
    assert list(tmp_path.iterdir()) == []


def test_python_m_pymarl_returns_the_exit_code():
    done = subprocess.run(
        [sys.executable, "-m", "pymarl", "--config=qmix"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == EXIT_USAGE
    assert done.stderr.startswith("pymarl: --env-config: missing")


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        (["-F", "results"], "-F is sacred's; results go to results/runs; another place: with lo"),
        (["-Fresults"], "-Fresults is sacred's; results go to results/runs"),
        (["--file_storage=x"], "--file_storage=x is sacred's; results go to results/runs"),
        (["--name", "x"], "--name is sacred's; name the experiment: with experiment=NAME"),
        (["print_config"], "print_config is sacred's; the configuration is printed by: python -m"),
        (["-u"], "-u is sacred's; it has no counterpart here; leave it out"),
        (["--mongo_db=x"], "every run is recorded in its run folder and nowhere else"),
    ],
)
def test_an_option_of_sacred_is_one_line_that_says_what_to_type_here(typed, advice):
    with pytest.raises(ConfigError) as caught:
        cli.parse([*typed, "--config=qmix", "--env-config=sim", "with", "env_args.map_name=3m"])
    assert advice in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_option_of_sacred_is_known():
    from sacred.commandline_options import CLIOption
    from sacred.experiment import gather_command_line_options

    options = [o for o in gather_command_line_options() if isinstance(o, CLIOption)]
    flags = {flag for option in options for flag in option.get_flags()} - {"-h", "--help"}
    assert {flag.replace("_", "-") for flag in flags} <= set(cli.SACRED_OPTIONS)
    assert len(flags) >= 20
