"""What is checked before any job: every run's configuration, values after --config, targets."""

import re

import pytest
import yaml

from workflow.errors import PipelineError
from workflow.experiment.command_line import as_in_a_file
from workflow.experiment.experiment_file import parse_experiment, read_experiment
from workflow.experiment.planning_check import check_runs
from workflow.experiment.selection import read_selection
from workflow.experiment.training_runs import expand_runs, format_value

GOOD = {
    "experiment": "planned",
    "env": "sim",
    "maps": ["3m", "8m"],
    "algs": ["qmix", "vdn"],
    "seeds": [1, 2],
    "t_max": 400,
}


def problems(here=True, **changes):
    """The lines of the planning check for the good experiment with changes."""
    experiment = parse_experiment({**GOOD, **changes}, "x.yaml")
    try:
        check_runs(experiment, expand_runs(experiment), here=here)
    except PipelineError as error:
        lines = str(error).splitlines()
        assert all(line.startswith("x.yaml: ") for line in lines)
        return [line.removeprefix("x.yaml: ") for line in lines]
    return []


def test_a_good_experiment_passes():
    assert problems() == []
    assert problems(**{"with": {"env_args": {"obs_last_action": True}, "lr": 1e-4}}) == []


def test_everything_that_is_wrong_is_said_once_with_its_place():
    lines = problems(
        maps=["3m", "9x_vs_9y"],
        overrides={"maps": {"3m": {"gamma": 2}}, "algs": {"vdn": {"mixing_embed_dim": 4}}},
        sweep={"td_lambda": [0.4, 1.5]},
        **{"with": {"batch_sizee": 4, "lr": "abc"}},
    )
    start = [line[: line.index(":", line.index(":") + 1)] for line in lines]
    assert "with: batch_sizee: unknown key 'batch_sizee'; did you mean 'batch_size'?" in lines
    assert start.count("with: batch_sizee") == 1
    found = {line.split("=")[0]: line for line in lines}
    assert found["with: lr"].startswith("with: lr='abc': ")
    assert not found["with: lr"].endswith(")")  # of all runs
    assert found["overrides.maps.3m: gamma"].endswith(
        "(3m qmix[td_lambda=0.4], 3m qmix[td_lambda=1.5], 3m vdn[td_lambda=0.4] and 1 more)"
    )
    assert "1.5" in found["sweep: td_lambda"]
    assert "[td_lambda=0.4]" not in found["sweep: td_lambda"]
    assert found["maps: env_args.map_name"].startswith(
        "maps: env_args.map_name='9x_vs_9y': unknown map"
    )
    assert any("mixing_embed_dim" in line and "overrides.algs.vdn" in line for line in lines)


def test_the_trainers_rules_across_keys_count_too():
    (line,) = problems(algs=["vdn"], **{"with": {"runner": "episode", "batch_size_run": 4}})
    assert line.startswith("with: batch_size_run=4: the episode runner has one environment")


def test_a_game_that_is_not_on_this_machine_counts_only_where_runs_start_here(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("SC2PATH", str(tmp_path))
    changes = {"env": "sc2", "maps": ["3m"], "algs": ["vdn"]}
    (line,) = problems(**changes)
    assert str(tmp_path) in line
    assert problems(here=False, **changes) == []
    (line,) = problems(here=False, **{**changes, "maps": ["3mm"]})
    assert "did you mean '3m'?" in line


@pytest.mark.pipeline
def test_make_and_snakemake_refuse_the_same_experiment_before_any_job(workplace):
    path = workplace.experiment(maps=["3m", "9x_vs_9y"], **{"with": {"batch_sizee": 4}})
    code, out = workplace.snakemake("-n", "--configfile", str(path))
    assert code == 1
    said = [line for line in out.splitlines() if line.startswith("tiny.yaml: ")]
    assert len(said) == 2
    assert "Traceback" not in out
    assert "rule train" not in out
    code, out = workplace.reproduce(path)
    assert code == 2
    assert [line.removeprefix("error: ").replace(str(path), "tiny.yaml") for line in
            out.splitlines()] == said  # fmt: skip  # one comparison
    assert not (workplace.folder / "results").exists()


@pytest.mark.parametrize(
    ("key", "typed", "meant"),
    [
        ("seeds", ["1", "2", "3"], [1, 2, 3]),
        ("seeds", {"first": "1", "count": "3"}, {"first": 1, "count": 3}),
        ("seeds", "[1, 2]", [1, 2]),
        ("seeds", "4,5", [4, 5]),
        ("seeds", 7, [7]),
        ("t_max", 900, 900),
        ("t_max", "900", 900),
        ("maps", ["3m", "8m"], ["3m", "8m"]),
        ("maps", "3m,8m", ["3m", "8m"]),
        ("maps", "3m", ["3m"]),
        ("algs", ["qmix"], ["qmix"]),
        ("experiment", 5, "5"),
        ("with", {"lr": "0.01", "use_cuda": "false"}, {"lr": "0.01", "use_cuda": "false"}),
        ("with", "{t_max: 50}", {"t_max": 50}),
        ("sweep", {"lr": ["0.1", "0.2"]}, {"lr": ["0.1", "0.2"]}),
    ],
)
def test_what_is_typed_after_config_is_what_a_file_would_have(key, typed, meant):
    assert as_in_a_file(key, typed) == meant


def test_a_typed_setting_reaches_the_trainer_as_it_was_typed():
    """4.10 is the name of a version, not 4.1; a number in quotes would be refused."""
    typed = {"with": {"env_args": {"game_version": "4.10"}, "lr": "1e-3", "label": "a: b"}}
    selection = read_selection({**GOOD, **typed}, typed=typed)
    arguments = selection.runs[0].arguments()
    assert arguments[:3] == ["env_args.game_version=4.10", 'label="a: b"', "lr=1e-3"]
    assert format_value("4.10") == '"4.10"'


def test_a_number_in_a_file_reaches_the_trainer_as_it_was_written(tmp_path):
    path = tmp_path / "x.yaml"
    text = yaml.safe_dump(GOOD) + "with: {env_args: {game_version: 4.10}, lr: 0.0010}\n"
    path.write_text(text + "sweep: {td_lambda: [0, 0.50]}\n")
    given = yaml.safe_load(path.read_text())  # what Snakemake hands on
    for typed in ({}, {"t_max": 900}):
        selection = read_selection({**given, **typed}, typed=typed, files=[path])
        arguments = selection.runs[-1].arguments()
        assert arguments[:2] == ["env_args.game_version=4.10", "lr=0.0010"]
        assert arguments[2] == "name=vdn[td_lambda=0.50]"
        assert arguments[3:] == [f"t_max={typed.get('t_max', 400)}", "td_lambda=0.50"]
    assert read_experiment(str(path)).overrides["lr"] == 0.001
    assert read_selection(given).runs[-1].arguments()[0] == "env_args.game_version=4.1"


def test_settings_are_laid_over_the_named_experiment_or_the_file():
    selection = read_selection({"experiment": "smoke", "t_max": 900, "with": {"lr": "0.5"}}, typed={
        "experiment": "smoke", "t_max": 900, "with": {"lr": "0.5"}})  # fmt: skip  # one call
    assert selection.experiment.name == "smoke"
    assert {run.t_max for run in selection.runs} == {900}
    assert selection.experiment.overrides == {
        "test_interval": 200, "test_nepisode": 4, "batch_size": 4, "lr": "0.5",
    }  # fmt: skip  # as in the file
    file = {**GOOD, "seeds": [1, 2]}
    typed = {"seeds": {"first": "5", "count": "2"}, "experiment": "trial"}
    selection = read_selection({**file, **typed}, typed=typed)
    assert (selection.experiment.name, selection.experiment.seeds) == ("trial", (5, 6))
    assert selection.experiment.maps == ("3m", "8m")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"seeds": {"first": "1", "count": "x"}}, "seeds.count: expected integer, got 'x'; type it "
         "as in --config 'seeds=[1,2,3]' or 'seeds={first: 1, count: 3}'"),
        ({"t_max": "2,000"}, "t_max: expected integer, got '2,000'; write 2000; type it as in "
         "--config t_max=50000"),
        ({"with": 5}, "with: expected 'key: value' lines, got 5; type it as in --config "
         "'with={lr: 0.001"),
        ({"tmax": 5}, "--config tmax: unknown; known: "),
    ],
)  # fmt: skip  # a case a row
def test_what_cannot_be_converted_is_refused_with_what_to_type(typed, message):
    with pytest.raises(PipelineError, match=re.escape(message)):
        read_selection({"experiment": "smoke", **typed}, typed={"experiment": "smoke", **typed})


@pytest.mark.pipeline
def test_jobs_of_their_own_processes_read_the_same_settings(workplace):
    """Snakemake hands --config on to the process of a job; a job that read it otherwise fails."""
    workplace.use_fake_trainer()
    settings = ["seeds=[3]", "sweep={td_lambda: [0, 0.4]}", "with={lr: 0.5}", "algs=qmix"]
    code, out = workplace.snakemake("--config", "experiment=smoke", *settings)
    assert code == 0, out
    started = workplace.journal.read_text().splitlines()
    assert len(started) == 2
    assert all(" lr=0.5 name=qmix[td_lambda=0" in line for line in started)
    expected = (workplace.folder / "results/data/smoke/expected.json").read_text()
    assert expected.count('"alg": "qmix[td_lambda=0') == 2
    # The command that make calls takes the same words, and finds all done.
    code, out = workplace.reproduce("smoke", "--config", *settings)
    assert code == 0, out
    assert "smoke: nothing to be done" in out


TRAIN = "results/runs/smoke/sim"
CALLS = {
    "seeds as a list": (("--config", "experiment=smoke", "seeds=[1,2,3]"), 6),
    "counted seeds": (("--config", "experiment=smoke", "seeds={first: 1, count: 5}"), 10),
    "maps": (("--config", "experiment=smoke", "maps=[3m,8m]", "t_max=900"), 8),
    "a sweep": (("--config", "experiment=smoke", "sweep={lr: [0.1, 0.2, 0.3]}"), 12),
}


@pytest.mark.pipeline
@pytest.mark.parametrize("name", CALLS)
def test_snakemakes_own_reading_of_config_is_converted(workplace, name):
    arguments, runs = CALLS[name]
    code, out = workplace.snakemake("-n", "--quiet", "rules", *arguments)
    assert code == 0, out
    assert re.search(rf"^train\s+{runs}$", out, re.MULTILINE), out


@pytest.mark.pipeline
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((f"{TRAIN}/8m/qmix/seed=1/complete.json",), "experiment smoke has no map 8m: 3m"),
        ((f"{TRAIN}/3m/qmix/seed=9/complete.json",), "experiment smoke has no seed seed=9: "),
        ((f"{TRAIN}/3m/qmix/seed=1",), f"a run's folder; the file to ask for is {TRAIN}/3m/qmix/"),
        ((f"{TRAIN}/3m/qmx/seed=1/complete.json",), "no algorithm qmx: qmix, vdn; did you mean"),
        ((f"{TRAIN}/3m",), "is a folder of runs; the rule 'runs' trains all of them"),
        (("results/figures/demo/win_rate.svg",), "belongs to the experiment demo, and this call is "
         "about smoke; choose it with --config experiment=demo"),
        (("run",), "no rule of that name, and no file that this experiment makes; rules: all, "),
        (("-F", "FOLDER"), "target FOLDER: no rule of that name"),
        (("-R", "trian", "--"), "did you mean 'train'?"),
        (("collect",), "target collect: the rule makes one file at a time"),
    ],
)  # fmt: skip  # a case a row
def test_a_strange_target_is_refused_in_one_line(workplace, arguments, message):
    code, out = workplace.snakemake("--config", "experiment=smoke", "-n", *arguments)
    assert code == 1
    (line,) = [line for line in out.splitlines() if line.startswith("target ")]
    assert message in line
    assert "MissingRule" not in out
    assert "Traceback" not in out


@pytest.mark.pipeline
def test_targets_of_the_experiment_are_taken(workplace):
    for arguments in (
        ("runs",),
        (f"{TRAIN}/3m/vdn/seed=2/complete.json",),
        ("results/data/smoke/expected.json",),
        ("-R", "train"),
    ):
        code, out = workplace.snakemake("--config", "experiment=smoke", "-n", *arguments)
        assert code == 0, out
