"""``python -m workflow``: its commands, its help, and what it answers to mistakes."""

import pytest

from workflow.__main__ import main
from workflow.commands import COMMANDS
from workflow.files import replacing


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(capsys, command):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"usage: python -m workflow {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND; see python -m workflow --help"),
        (["reprduce"], "unknown command 'reprduce'; known: reproduce, bundle, build-image, "
         "expected, bench-plan; did you mean 'reproduce'?"),
        (["reproduce", "--coers", "2"], "unknown argument '--coers'; did you mean '--cores'?"),
        (["bundle", "verify", "--redrw", "x"], "unknown argument '--redrw'; did you mean "
         "'--redraw'?; see python -m workflow bundle verify --help"),
        (["reproduce", "--config", "engine"], "--config engine: expected KEY=VALUE"),
        (["expected", "--experiment", "{", "--out", "x"], "--experiment: not JSON: "),
        (["build-image", "--build-args", "[1]"], "--build-args: expected an object "),
        (["bundle", "write", "--", "-n"], "bundle does not call snakemake: "),
        (["bench-plan", "--runs", "many"], "argument --runs: invalid int value: 'many'"),
    ],
)  # fmt: skip  # a case a row
def test_a_mistake_is_one_line(capsys, arguments, message):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {message}")
    assert error.count("\n") == 1


def test_a_file_is_replaced_when_it_is_whole_and_not_before(tmp_path):
    path = tmp_path / "new" / "file"
    with replacing(path) as temporary:
        temporary.write_text("first")
        assert not path.exists()
    with pytest.raises(RuntimeError), replacing(path) as temporary:  # noqa: PT012  # what is tested
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "first"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]
