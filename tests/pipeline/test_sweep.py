"""Ablations: `sweep` in an experiment file, from the file to the folders and the job count."""

import re

import pytest

from workflow.commands import expected
from workflow.errors import PipelineError
from workflow.experiment.experiment_file import parse_experiment
from workflow.experiment.training_runs import expand_runs

GOOD = {
    "experiment": "abl",
    "env": "sim",
    "maps": ["3m"],
    "algs": ["qmix", "vdn"],
    "seeds": [1],
    "t_max": 600,
}


def names(**changes):
    """The algorithms' names in the runs of the good experiment with changes."""
    return [run.name for run in expand_runs(parse_experiment({**GOOD, **changes}, "x.yaml"))]


def wrong(**changes):
    """The message for the good experiment with changes."""
    with pytest.raises(PipelineError) as caught:
        names(**changes)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("x.yaml: ")
    return message.removeprefix("x.yaml: ")


def test_each_value_is_a_variant_with_its_name_folder_and_settings():
    sweep = {"td_lambda": [0, 0.4], "env_args": {"step_mul": [8]}}
    experiment = parse_experiment(
        {**GOOD, "algs": ["qmix"], "sweep": sweep, "with": {"lr": 0.001, "td_lambda": 0.9}}, "x"
    )
    runs = expand_runs(experiment)
    assert [run.name for run in runs] == [
        "qmix[env_args.step_mul=8,td_lambda=0]",
        "qmix[env_args.step_mul=8,td_lambda=0.4]",
    ]
    run = runs[1]
    folder = "abl/sim/3m/qmix+env_args.step_mul=8+td_lambda=0.4/seed=1"
    assert str(run.folder) == f"results/runs/{folder}"
    assert str(run.log) == f"results/logs/{folder.replace('abl/', 'abl/train/')}.log"
    # The sweep wins over "with"; the name reaches the trainer, and through it the figures.
    assert run.arguments() == [
        "env_args.step_mul=8",
        "lr=0.001",
        "name=qmix[env_args.step_mul=8,td_lambda=0.4]",
        "t_max=600",
        "td_lambda=0.4",
    ]
    assert run.alg == "qmix"
    assert run.expected_entry()["alg"] == run.name


def test_several_keys_make_every_combination_or_pairs():
    sweep = {"lr": [0.1, 0.2], "gamma": [0.9, 0.99]}
    product = names(algs=["qmix"], sweep=sweep)
    assert product == [f"qmix[gamma={g},lr={lr}]" for g in (0.9, 0.99) for lr in (0.1, 0.2)]
    pairs = names(algs=["qmix"], sweep=sweep, sweep_mode="zip")
    assert pairs == ["qmix[gamma=0.9,lr=0.1]", "qmix[gamma=0.99,lr=0.2]"]
    # The order of keys in the file is no difference: no run is trained again for it.
    assert product == names(algs=["qmix"], sweep=dict(reversed(sweep.items())))


def test_all_algorithms_are_swept_or_those_that_are_listed():
    sweep = {"td_lambda": [0, 1]}
    swept = ["qmix[td_lambda=0]", "qmix[td_lambda=1]"]
    assert names(sweep=sweep) == [*swept, "vdn[td_lambda=0]", "vdn[td_lambda=1]"]
    assert names(sweep=sweep, sweep_algs=["qmix"]) == [*swept, "vdn"]


def test_without_a_sweep_nothing_has_another_name():
    runs = expand_runs(parse_experiment(GOOD, "x"))
    assert [run.name for run in runs] == [run.alg_folder for run in runs] == ["qmix", "vdn"]
    assert dict(runs[0].overrides) == {"t_max": 600}
    assert set(parse_experiment(GOOD, "x").to_config()) == {
        *GOOD,
        "description",
        "with",
        "overrides",
    }


def test_words_truth_values_and_null_are_values():
    listed = names(
        algs=["vdn"],
        sweep={"optimizer": ["adam"], "obs_agent_id": [True, False], "mixer": [None]},
    )
    assert listed == [
        "vdn[mixer=null,obs_agent_id=true,optimizer=adam]",
        "vdn[mixer=null,obs_agent_id=false,optimizer=adam]",
    ]


def test_the_experiment_reads_back_from_what_a_command_line_passes_on(tmp_path):
    experiment = parse_experiment(
        {**GOOD, "sweep": {"lr": [0.1], "gamma": [0.9]}, "sweep_mode": "zip"}, "x"
    )
    again = parse_experiment(experiment.to_config(), "x")
    assert again == experiment
    out = tmp_path / "expected.json"
    parser = expected.argparse.ArgumentParser()
    expected.add_arguments(parser)
    text = expected.json.dumps(experiment.to_config())
    expected.run(parser.parse_args(["--experiment", text, "--out", str(out)]))
    entries = expected.json.loads(out.read_text())["runs"]
    assert [e["alg"] for e in entries] == ["qmix[gamma=0.9,lr=0.1]", "vdn[gamma=0.9,lr=0.1]"]
    assert entries[0]["dir"] == "results/runs/abl/sim/3m/qmix+gamma=0.9+lr=0.1/seed=1"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"with": {"td_lambda": [0, 0.4]}}, "with.td_lambda: expected one value, got the list "
         "[0, 0.4]; to train a variant for each value write  sweep: {td_lambda: [0, 0.4]}"),
        ({"with": {"env_args": {"step_mul": [4, 8]}}}, "with.env_args.step_mul: expected one value,"
         " got the list [4, 8]; to train a variant for each value write  "
         "sweep: {env_args.step_mul: [4, 8]}"),
        ({"overrides": {"algs": {"qmix": {"lr": [1, 2]}}}}, "overrides.algs.qmix.lr: expected one "
         "value, got the list [1, 2]; to train a variant for each value write  sweep: {lr: ["),
        ({"t_max": [600, 900]}, "t_max: expected one value, got the list [600, 900]; to train a "
         "variant for each value write  sweep: {t_max: [600, 900]}"),
        ({"env": ["sim", "sc2"]}, "env: expected one value, got the list [sim, sc2]; 'sweep' "
         "varies settings: write a file for each env"),
        ({"sweep": {"lr": 0.1}}, "sweep.lr: expected a list of values, as in [0.2, 0.4], got 0.1; "
         "one value for all runs belongs under 'with'"),
        ({"sweep": {"lr": []}}, "sweep.lr: expected at least one value, got an empty list"),
        ({"sweep": {"lr": [[1, 2]]}}, "sweep.lr: expected numbers, words, true, false or null, "
         "got [1, 2]"),
        ({"sweep": {"lr": [1, 1.0]}}, "sweep.lr: 1.0 is there twice"),
        ({"sweep": {"label": [1, "1"]}}, "sweep.label: 1 is there twice"),
        ({"sweep": {"label": ["a\x80"]}}, "sweep.label: 'a\\x80' would be part of a name"),
        ({"sweep": {"label": ["a,b"]}}, "sweep.label: 'a,b' would be part of a name; it must not "
         "be empty nor hold brackets"),
        ({"sweep": {"seed": [1, 2]}}, "sweep.seed: cannot be swept; list the seeds under 'seeds'"),
        ({"sweep": {"env_args": {"map_name": ["3m"]}}}, "sweep.env_args.map_name: cannot be swept; "
         "list the maps under 'maps'"),
        ({"sweep": [1]}, "sweep: expected 'key: value' lines, got [1]"),
        ({"sweep": {"lr": [1, 2], "gamma": [1]}, "sweep_mode": "zip"}, "sweep_mode: zip takes the "
         "lists' values pairwise, so they need the same length: gamma has 1, lr has 2"),
        ({"sweep": {"lr": [1]}, "sweep_mode": "grid"}, "sweep_mode: 'grid' is not one of"),
        ({"sweep": {"lr": [1]}, "sweep_algs": ["qmx"]}, "sweep_algs: 'qmx' is not run by this "
         "experiment (qmix, vdn); did you mean 'qmix'?"),
        ({"sweep_algs": ["qmix"]}, "sweep_algs: there is no 'sweep' that it could belong to"),
        ({"sweep": {"lr": [1]}, "overrides": {"algs": {"vdn": {"lr": 2}}}}, "overrides.algs.vdn.lr:"
         " 'sweep' sets it, too; remove one of the two"),
        ({"sweep": {"label": ["x" * 200]}}, "sweep: the name qmix[label=xxx"),
    ],
)  # fmt: skip  # a case a row
def test_what_is_wrong_is_said_in_one_line(changes, message):
    assert wrong(**changes).startswith(message)


def test_an_override_of_an_algorithm_that_is_not_swept_is_no_conflict():
    sweep = {"sweep": {"lr": [1]}, "sweep_algs": ["qmix"]}
    assert names(**sweep, overrides={"algs": {"vdn": {"lr": 2}}}) == ["qmix[lr=1]", "vdn"]


@pytest.mark.pipeline
def test_variants_are_planned_trained_and_left_alone(workplace):
    workplace.use_fake_trainer()
    path = workplace.experiment(sweep={"td_lambda": [0, 0.4]}, sweep_algs=["qmix"], seeds=[1])
    code, out = workplace.reproduce(path)
    assert code == 0, out
    assert "tiny: 3 runs (2 algorithms in 3 variants x 1 map x 1 seed) on env sim" in out
    assert "tiny: 3 of 3 runs complete" in out
    folders = [str(p.relative_to(workplace.folder).parent.parent) for p in workplace.complete()]
    assert folders == [
        f"results/runs/tiny/sim/3m/{alg}"
        for alg in ("qmix+td_lambda=0", "qmix+td_lambda=0.4", "vdn")
    ]
    started = workplace.journal.read_text()
    assert "qmix/1 " in started
    assert " name=qmix[td_lambda=0.4] " in started
    workplace.trained()

    # One more value: one more run. Brackets and signs mean nothing to Snakemake.
    path = workplace.experiment(sweep={"td_lambda": [0.4, 0, 0.6]}, sweep_algs=["qmix"], seeds=[1])
    code, out = workplace.snakemake("-n", "--configfile", str(path))
    assert code == 0, out
    planned = re.findall(r"output: (results/runs/\S+)/complete.json", out)
    assert planned == ["results/runs/tiny/sim/3m/qmix+td_lambda=0.6/seed=1"]
    target = "results/runs/tiny/sim/3m/qmix+td_lambda=0.6/seed=1/complete.json"
    code, out = workplace.snakemake(target, "--configfile", str(path))
    assert code == 0, out
    assert workplace.trained() == ["qmix/1"]
