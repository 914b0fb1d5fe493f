"""Settings that differ inside a curve are called out everywhere, and options draw them apart."""

import json

import pytest

from analysis.cli import main
from analysis.dataset.groups import build_groups
from analysis.dataset.storage import load
from analysis.dataset.view.config_keys import is_setting, settings_of, settings_text
from analysis.dataset.view.differences import some_of
from analysis.dataset.view.group_keys import swept_settings
from analysis.dataset.view.selection import Asked, apply_view
from analysis.plots.all_figures import figure_jobs, footnotes
from analysis.web.payload import payload
from tests.analysis import synthetic_runs
from tests.analysis.synthetic_sacred import write_sacred
from tests.analysis.view.conftest import imported, ramp

CALL_OUT = "3 different td_lambda (0.4, 0.5, 0.6); pooled (--split td_lambda keeps them apart)"


def shown(data, **asked):
    return apply_view(load(data), Asked(**asked))


def test_three_settings_in_one_curve_are_called_out(three_lambdas, tmp_path):
    dataset = load(three_lambdas)
    assert dataset.info["call_outs"] == [f"qmix on 3m: {CALL_OUT}"]
    (group,) = build_groups(dataset)
    assert group.legend() == "QMIX (n=9, mixed td_lambda)"
    assert group.mixed[0].values == {"0.4": 3, "0.5": 3, "0.6": 3}
    assert main(["table", "--data", str(three_lambdas), "--out", str(tmp_path)]) == 0
    page = (tmp_path / "summary.md").read_text()
    assert "n=9†" in page
    assert CALL_OUT in page
    assert "td_lambda 0.4, 0.5, 0.6" in (tmp_path / "summary.csv").read_text()
    assert r"\dag" in (tmp_path / "summary.tex").read_text()
    assert main(["compare", "--data", str(three_lambdas), "--out", str(tmp_path)]) == 0
    assert CALL_OUT in (tmp_path / "verdicts.md").read_text()
    data = payload(dataset, tmp_path / "index.html", [])
    assert data["groups"][0]["mixed"] == ["td_lambda 0.4, 0.5, 0.6"]
    assert data["info"]["call_outs"] == dataset.info["call_outs"]
    for name, draw in figure_jobs(dataset, "median", 1, None):
        notes = " ".join(t.get_text() for t in draw().texts).replace("\n", " ")
        assert "different settings pooled: td_lambda 0.4, 0.5, 0.6" in notes, name


def test_split_draws_them_apart_with_their_values(three_lambdas):
    dataset = shown(three_lambdas, split=("td_lambda",))
    groups = build_groups(dataset)
    labels = [f"QMIX [td_lambda={v}]" for v in ("0.4", "0.5", "0.6")]
    assert [(g.label, g.n) for g in groups] == [(label, 3) for label in labels]
    # Last two of 21 evaluations: (19 + 20) / 2 / 20 of the top.
    assert [float(g.finals()[0]) for g in groups] == pytest.approx([0.8775, 0.4875, 0.0975])
    assert dataset.info["call_outs"] == []
    assert [d for g in groups for d in g.mixed] == []


def test_same_seeds_with_other_settings_are_no_duplicates(three_lambdas):
    assert load(three_lambdas).info["n_complete"] == 9


def test_training_length_batch_and_nested_keys_differ_seeds_and_paths_do_not(tmp_path):
    for seed, (points, more) in enumerate(
        (
            (21, {"batch_size_run": 1, "lr": 0.0005, "local_results_path": "/home/a"}),
            (6, {"batch_size_run": 8, "lr": 0.001, "local_results_path": "/home/b"}),
        )
    ):
        args = {"map_name": "3m", "difficulty": "7" if seed else "5", "seed": seed}
        config = {"seed": seed, "env_args": args, "checkpoint_path": "", "run_dir": f"r{seed}"}
        write_sacred(tmp_path / "logs" / str(seed), ramp(0.5, points), config | more)
    dataset = imported(tmp_path / "data", tmp_path / "logs")
    (group,) = build_groups(dataset)
    assert [d.key for d in group.mixed] == ["t_max", "batch_size_run", "env_args.difficulty", "lr"]
    assert [c.split(": ")[1].split(" (")[0] for c in dataset.info["call_outs"]] == [
        "2 different training lengths t_max",
        "2 different numbers of parallel environments",
        "2 different env_args.difficulty",
        "2 different lr",
    ]
    assert "mixed 4 settings" in group.legend()
    split = build_groups(shown(tmp_path / "data", split=("t_max", "lr")))
    assert [g.label for g in split] == [
        "QMIX [t_max=50000, lr=0.001]",
        "QMIX [t_max=200000, lr=0.0005]",
    ]


def test_two_experiments_are_drawn_apart_by_experiment(tmp_path):
    for name, lr in (("slow", 0.0001), ("fast", 0.001)):
        for seed in (1, 2):
            config = {"lr": lr}
            synthetic_runs.write_run(tmp_path / "runs", seed=seed, experiment=name, config=config)
    data = tmp_path / "d"
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(data)]) == 0
    (pooled,) = build_groups(load(data))
    assert [d.key for d in pooled.mixed] == ["experiment", "lr"]
    assert any("2 different lr (0.0001, 0.001)" in line for line in load(data).info["call_outs"])
    args = ["table", "--data", str(data), "--by", "experiment", "--out", str(tmp_path / "t")]
    assert main(args) == 0
    text = (tmp_path / "t" / "summary.md").read_text()
    assert "| QMIX [fast] | QMIX [slow] |" in text
    assert "n=2†" not in text


def test_code_is_a_setting(tmp_path):
    for seed, letter in ((1, "a"), (2, "b")):
        provenance = {"code_sha256": letter * 64}
        synthetic_runs.write_run(tmp_path / "runs", seed=seed, provenance=provenance)
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]) == 0
    labels = [g.label for g in build_groups(shown(tmp_path / "d", split=("code",)))]
    assert labels == ["QMIX [code=aaaaaaaaaaaa]", "QMIX [code=bbbbbbbbbbbb]"]


def test_a_label_for_each_folder(three_lambdas, tmp_path, capsys):
    for name, top in (("a", 0.5), ("b", 1.0)):
        for seed in (1, 2):
            write_sacred(tmp_path / name / f"seed={seed}", ramp(top), {"seed": seed, "lr": top})
    dataset = imported(tmp_path / "d", f"base={tmp_path / 'a'}", f"tuned={tmp_path / 'b'}")
    groups = build_groups(dataset)
    assert [(g.label, g.n) for g in groups] == [("QMIX [base]", 2), ("QMIX [tuned]", 2)]
    assert dataset.info["call_outs"] == []
    assert list(dataset.runs["label"]) == ["base", "tuned", "base", "tuned"]
    one = imported(tmp_path / "one", tmp_path / "a" / "seed=1")  # a path that exists has no label
    assert one.runs["label"].isna().all()
    args = ["import", "--from", "pymarl", "=x", "--out", str(tmp_path / "x")]
    assert main(args) == 2
    assert "expected PATH or LABEL=PATH" in capsys.readouterr().err
    runs = tmp_path / "runs"
    synthetic_runs.write_run(runs, seed=1)
    assert main(["collect", "--runs", f"ours={runs}", "--out", str(tmp_path / "own")]) == 0
    assert [g.label for g in build_groups(load(tmp_path / "own"))] == ["QMIX [ours]"]


def test_many_mixed_curves_are_summed_up_with_every_key(tmp_path):
    for map_name in ("3m", "8m", "2s3z", "3s5z"):
        for seed, lr in ((1, 0.1), (2, 0.2)):
            config = {"env_args": {"map_name": map_name}, "seed": seed, "lr": lr, "gamma": seed}
            write_sacred(tmp_path / "logs" / map_name / str(seed), ramp(0.5), config)
    dataset = imported(tmp_path / "d", tmp_path / "logs")
    (note,) = [line for line in footnotes(dataset) if "share" in line]
    assert "gamma (1, 2; 4 curves), lr (0.1, 0.2; 4 curves)" in note
    (own,) = [line for line in footnotes(dataset, "8m") if "pooled" in line]
    assert "QMIX on 8m" in own


def test_unknown_key_names_the_nearest_and_those_that_differ(three_lambdas, capsys):
    args = ["plot", "--data", str(three_lambdas), "--out", "x", "--split", "td_lamda"]
    assert main(args) == 2
    err = capsys.readouterr().err
    assert "keys that differ: td_lambda; did you mean 'td_lambda'?" in err
    assert err.count("\n") == 1


def test_a_run_without_configuration_is_told(tmp_path):
    write_sacred(tmp_path / "logs" / "1", ramp(0.5), {"lr": 0.1})
    steps = {f"step_{k}": {"step_count": 10_000 * k, "win_rate": [k / 20]} for k in range(21)}
    synthetic_runs.dump(tmp_path / "m.json", {"sc2": {"3m": {"qmix": {"seed_2": steps}}}})
    words = ["import", "--from", "pymarl", tmp_path / "logs", "--from", "marl-eval"]
    words += [tmp_path / "m.json", "--win-rate", "fraction", tmp_path / "m.json"]
    words += ["--backend", "sc2", "--out", tmp_path / "d"]
    assert main([str(w) for w in words]) == 0
    said = " ".join(load(tmp_path / "d").info["call_outs"])
    assert "the configuration of 1 of 2 runs is not recorded" in said


@pytest.mark.parametrize(
    ("key", "value", "setting"),
    [
        ("lr", 0.1, True),
        ("t_max", 5, True),
        ("env_args.step_mul", 8, True),
        ("seed", 1, False),
        ("env_args.seed", None, False),
        ("common_seeds", [1], False),
        ("checkpoint_path", "", False),
        ("env_args.replay_dir", "", False),
        ("env_args.replay_prefix", "", False),
        ("sight_range", 9, True),
        ("anything", "/home/me/x", False),
        ("anything", "~/x", False),
        ("unique_token", "qmix_1", False),
        ("pathing", True, True),
    ],
)
def test_seeds_and_paths_are_no_settings(key, value, setting):
    assert is_setting(key, value) is setting


def test_settings_text_is_flat_sorted_and_plain():
    config = {"b": {"y": 1.0, "seed": 3}, "a": [1, 2], "c": float("nan"), "d": None, "e": True}
    assert json.loads(settings_text(config)) == {
        "a": "[1, 2]", "b.y": 1, "c": "nan", "d": None, "e": True,
    }  # fmt: skip
    assert settings_text({"x": 1}) == settings_text({"x": 1.0})
    deep: dict = {}
    for _ in range(2000):
        deep = {"k": deep}
    assert settings_of(settings_text({"deep": deep, "lr": 1}))["lr"] == 1
    assert settings_of("[]") == settings_of("{") == settings_of("") == {}


def test_values_are_ordered_and_counted():
    assert some_of(["10", "9", "0.5", "x"]) == "0.5, 9, 10, x"
    assert some_of(map(str, range(9))) == "0, 1, 2, 3, 4, 5 and 3 more"


def test_variants_of_a_sweep_are_curves_of_their_algorithm(tmp_path):
    for value in ("0.4", "0.05", "0.6"):
        name = f"qmix[td_lambda={value}]"
        for seed in (1, 2):
            config = {"name": name, "td_lambda": float(value)}
            synthetic_runs.write_run(tmp_path / "runs", "3m", name, seed, config=config)
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]) == 0
    dataset = load(tmp_path / "d")
    groups = build_groups(dataset)
    labels = [f"QMIX [td_lambda={v}]" for v in ("0.05", "0.4", "0.6")]
    assert [(g.alg, g.label, g.n) for g in groups] == [("qmix", label, 2) for label in labels]
    assert dataset.info["call_outs"] == []
    chosen = shown(tmp_path / "d", algs=("qmix[td_lambda=0.6]",), split=("td_lambda",))
    assert [g.label for g in build_groups(chosen)] == labels[2:]
    assert [g.label for g in build_groups(shown(tmp_path / "d", algs=("qmix",)))] == labels


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("qmix[a=1,b.c=x]", ("qmix", ("a=1", "b.c=x"))),
        ("qmix", ("qmix", ())),
        ("qmix[new]", ("qmix[new]", ())),
        ("qmix [evaluation]", ("qmix [evaluation]", ())),
        ("[a=1]", ("[a=1]", ())),
        ("qmix[a=1", ("qmix[a=1", ())),
    ],
)
def test_names_of_variants(name, found):
    assert swept_settings(name) == found
