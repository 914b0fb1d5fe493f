"""Experiment files and pipeline settings: what is accepted, and what is said about the rest."""

import pytest
import yaml

from workflow.errors import PipelineError
from workflow.experiment.experiment_file import experiment_path, parse_experiment, read_experiment
from workflow.experiment.selection import read_selection
from workflow.experiment.training_runs import (
    TrainingRun,
    expand_runs,
    format_value,
    resolve_overrides,
)

GOOD = {
    "experiment": "x",
    "env": "sim",
    "maps": ["3m", "8m"],
    "algs": ["qmix", "vdn"],
    "seeds": [1, 2],
    "t_max": 1000,
}


def wrong(**changes):
    """The message for the good experiment with changes; None takes a key away."""
    config = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    with pytest.raises(PipelineError) as caught:
        parse_experiment(config, "x.yaml")
    message = str(caught.value)
    assert message.startswith("x.yaml: ")
    assert "\n" not in message
    return message.removeprefix("x.yaml: ")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tmax": 5}, "unknown key 'tmax'; known: algs, description, env, experiment, maps, "
         "overrides, seeds, sweep, sweep_algs, sweep_mode, t_max, with; did you mean 't_max'?"),
        ({"t_max": None}, "missing key(s) t_max"),
        ({"t_max": "2e6"}, "t_max: expected integer, got '2e6'; write 2000000"),
        ({"t_max": "2,050,000"}, "t_max: expected integer, got '2,050,000'; write 2050000"),
        ({"t_max": "long"}, "t_max: expected integer, got 'long'"),
        ({"t_max": 0}, "t_max: 0 is less than the minimum of 1"),
        ({"seeds": 5}, "seeds: expected A list of integers, or {first: 1, count: 5}. Got 5"),
        ({"seeds": [1, "a"]}, "seeds.1: expected integer, got 'a'"),
        ({"env": "simm"}, "env: no file configs/envs/simm.yaml; known: "),
        ({"algs": ["qmx"]}, "algs: no file configs/algs/qmx.yaml; known: "),
        ({"with": {"seed": 4}}, "with: 'seed' cannot be set here; the pipeline sets it"),
        ({"overrides": {"alg": {}}}, "overrides: unknown key 'alg'; known: algs, maps; "
         "did you mean 'algs'?"),
        ({"overrides": {"algs": {"qmx": {}}}}, "overrides.algs: 'qmx' is not run by this "
         "experiment (qmix, vdn); did you mean 'qmix'?"),
        ({"overrides": {"maps": {"2s3z": {}}}}, "overrides.maps: '2s3z' is not run by this "
         "experiment (3m, 8m)"),
        ({"experiment": "../up"}, "experiment: '../up' does not match"),
        ({"maps": []}, "maps: [] should be non-empty"),
        ({"maps": ["3m", "3m"]}, "maps: ['3m', '3m'] has non-unique elements"),
    ],
)  # fmt: skip  # a case a row
def test_what_is_wrong_is_said_in_one_line(changes, message):
    assert wrong(**changes).startswith(message)


def test_an_unknown_experiment_lists_the_known_ones():
    with pytest.raises(PipelineError, match=r"smoe: no file .*; did you mean 'smoke'\?"):
        experiment_path("smoe")


def test_a_file_that_is_not_yaml_is_named(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("a: [1")
    with pytest.raises(PipelineError, match=r"bad.yaml: cannot be read as YAML"):
        read_experiment(str(path))
    path.write_text("- 1")
    with pytest.raises(PipelineError, match=r"expected 'key: value' lines, got list"):
        read_experiment(str(path))


def test_a_whole_number_written_as_a_float_is_taken_as_that_number():
    experiment = parse_experiment(
        {**GOOD, "t_max": 2e6, "overrides": {"maps": {"8m": {"t_max": 1e3}}}}, "x"
    )
    assert {run.t_max for run in expand_runs(experiment)} == {2000000, 1000}
    assert resolve_overrides(experiment, "3m", "qmix") == (("t_max", 2000000),)


def test_a_section_whose_lines_are_all_comments_is_empty():
    empty = {"with": None, "overrides": {"algs": {"qmix": None}, "maps": None}, "sweep": None}
    assert expand_runs(parse_experiment({**GOOD, **empty}, "x")) == expand_runs(
        parse_experiment(GOOD, "x")
    )


def test_seeds_can_be_counted():
    experiment = parse_experiment({**GOOD, "seeds": {"first": 3, "count": 4}}, "x")
    assert experiment.seeds == (3, 4, 5, 6)


def test_runs_are_all_combinations_seed_by_seed():
    runs = expand_runs(parse_experiment(GOOD, "x"))
    assert len(runs) == len(set(runs)) == 8
    assert [run.label for run in runs[:4]] == [
        "3m qmix seed=1",
        "3m vdn seed=1",
        "8m qmix seed=1",
        "8m vdn seed=1",
    ]
    assert str(runs[0].sentinel) == "results/runs/x/sim/3m/qmix/seed=1/complete.json"
    assert runs[0].expected_entry() == {
        "env": "sim",
        "map": "3m",
        "alg": "qmix",
        "seed": 1,
        "t_max": 1000,
        "dir": "results/runs/x/sim/3m/qmix/seed=1",
    }


def test_overrides_apply_in_their_order_and_are_flattened():
    experiment = parse_experiment(
        {
            **GOOD,
            "with": {"lr": 1, "gamma": 1, "epsilon_finish": 1, "env_args": {"difficulty": "7"}},
            "overrides": {
                "algs": {"qmix": {"lr": 2, "gamma": 2}},
                "maps": {"8m": {"gamma": 3, "t_max": 2000, "env_args": {"step_mul": 4}}},
            },
        },
        "x",
    )
    assert dict(resolve_overrides(experiment, "3m", "vdn")) == {
        "t_max": 1000,
        "lr": 1,
        "gamma": 1,
        "epsilon_finish": 1,
        "env_args.difficulty": "7",
    }
    assert dict(resolve_overrides(experiment, "8m", "qmix")) == {
        "t_max": 2000,
        "lr": 2,
        "gamma": 3,
        "epsilon_finish": 1,
        "env_args.difficulty": "7",
        "env_args.step_mul": 4,
    }


def test_the_map_cannot_be_set_twice():
    experiment = parse_experiment({**GOOD, "with": {"env_args": {"map_name": "2s3z"}}}, "x")
    with pytest.raises(PipelineError, match="list the map under 'maps'"):
        expand_runs(experiment)


@pytest.mark.parametrize(
    "value",
    [
        5,
        0.0005,
        True,
        False,
        None,
        "abc",
        "7",
        "true",
        "",
        "a: b",
        "x y",
        [64, 64],
        "it's",
        "{}",
        "#1",
        "a: long text " * 20,
        "a\x80b",
    ],
)
def test_a_value_reads_back_from_the_command_line(value):
    text = format_value(value)
    assert yaml.safe_load(text) == value
    assert "\n" not in text


def test_a_whole_experiment_in_the_config_is_taken_alone():
    """Nothing of the default experiment leaks into the chosen one."""
    selection = read_selection({**GOOD, "partial": "true"})
    assert selection.experiment.overrides == {}
    assert selection.partial is True
    with pytest.raises(PipelineError, match="missing key"):
        read_selection({"maps": ["3m"]})


def test_the_default_is_the_demo():
    assert read_selection({}).experiment.name == "demo"
    assert read_selection({"experiment": "smoke"}).experiment.name == "smoke"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"exprmnt": "x"}, r"--config exprmnt: unknown; .*did you mean 'experiment'\?"),
        ({"engine": "podman"}, r"--config: engine: 'podman' is not one of"),
        ({"partial": "maybe"}, r"--config: partial: expected boolean, got 'maybe'"),
        ({"gpu_slots": "0;1"}, r"--config: gpu_slots: '0;1' does not match"),
    ],
)
def test_wrong_pipeline_settings(config, message):
    with pytest.raises(PipelineError, match=message):
        read_selection(config)


def test_only_complete_runs_are_wanted_for_a_partial_figure(tmp_path):
    selection = read_selection({**GOOD, "partial": True})
    run: TrainingRun = selection.runs[2]
    (tmp_path / run.folder).mkdir(parents=True)
    (tmp_path / run.sentinel).touch()
    assert selection.wanted_sentinels(tmp_path) == [str(run.sentinel)]
    assert len(read_selection(GOOD).wanted_sentinels(tmp_path)) == 8
