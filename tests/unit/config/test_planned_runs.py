"""The check of many planned runs in one process."""

import io
import json

import pytest

from pymarl.config import planned_runs
from pymarl.config.build import resolve
from pymarl.errors import ConfigError

MAP = "env_args.map_name=3m"


def said_by_the_trainer(overrides):
    try:
        resolve("qmix", "sim", overrides).env_args.check_available()
    except ConfigError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize(
    "overrides", [[MAP], [MAP, "lr=0.1"], [MAP, "lr=-1"], [MAP, "batch_size_run=3"], []]
)
def test_it_accepts_and_refuses_what_the_trainer_does(overrides):
    assert planned_runs.problems("qmix", "sim", overrides) == said_by_the_trainer(overrides)


def test_all_unknown_keys_and_the_other_problems_are_named_together():
    overrides = ["env_args.map_name=4mm", "use_wandb=true", "batch_sizee=4", "lr=abc", "gamma"]
    lines = planned_runs.problems("qmix", "sim", overrides)
    assert [line.split(" ")[0].split("=")[0] for line in lines] == [
        "use_wandb", "batch_sizee", "'gamma'", "lr", "env_args.map_name",
    ]  # fmt: skip  # a list of keys


def test_an_unknown_algorithm_is_one_line():
    (line,) = planned_runs.problems("qmx", "sim", [MAP])
    assert "did you mean 'qmix'?" in line


def call(monkeypatch, capsys, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    code = planned_runs.main()
    return code, capsys.readouterr()


def test_the_command_answers_for_each_run(monkeypatch, capsys):
    runs = [{"alg": "qmix", "env": "sim", "with": [MAP, lr]} for lr in ("lr=0.1", "lr=0", "lr=1")]
    code, said = call(monkeypatch, capsys, json.dumps({"here": True, "runs": runs}))
    assert code == 0
    assert [bool(lines) for lines in json.loads(said.out)] == [False, True, False]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"here": true}', '{"here": 1, "runs": [{}]}'])
def test_another_form_of_input_is_refused(monkeypatch, capsys, text):
    code, said = call(monkeypatch, capsys, text)
    assert code == 2
    assert said.err.startswith("pymarl: standard input: not the form of planned runs")


def test_a_plugin_that_cannot_be_loaded_is_said(monkeypatch, capsys):
    monkeypatch.setenv("PYMARL_PLUGINS", "no_such_module_at_all")
    code, said = call(monkeypatch, capsys, json.dumps({"here": True, "runs": []}))
    assert code == 2
    assert "PYMARL_PLUGINS: cannot import 'no_such_module_at_all'" in said.err
