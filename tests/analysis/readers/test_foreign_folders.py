"""Folders given to the wrong command, and marl-eval files in folders."""

from analysis.cli import main
from analysis.dataset.storage import load
from tests.analysis import synthetic_runs
from tests.analysis.synthetic_sacred import write_marl_eval, write_sacred


def run(*words):
    return main([str(w) for w in words])


def test_collect_on_a_sacred_folder_names_import(tmp_path, capsys):
    for number in (1, 2):
        write_sacred(tmp_path / "sacred" / str(number), [0.5] * 12)
    (tmp_path / "sacred" / "_sources").mkdir()
    assert run("collect", "--runs", tmp_path / "sacred", "--out", tmp_path / "d") == 2
    err = capsys.readouterr().err
    command = f"python -m analysis import --from pymarl {tmp_path / 'sacred'} --out DIR"
    assert f"no runs of this project, but 2 PyMARL run folders: `{command}` reads them" in err
    assert err.count("\n") == 1
    words = command.replace("DIR", str(tmp_path / "d")).split()[3:]
    assert main(words) == 0  # the command it names works
    assert load(tmp_path / "d").info["n_complete"] == 2
    assert run("collect", "--runs", tmp_path / "sacred" / "1", "--out", tmp_path / "d") == 2


def test_collect_on_epymarl_and_on_files(tmp_path, capsys):
    write_sacred(tmp_path / "e" / "1", [0.5] * 12, epymarl=True)
    assert run("collect", "--runs", tmp_path / "e", "--out", tmp_path / "d") == 2
    assert "1 EPyMARL run folder: `python -m analysis import --from epymarl" in (
        capsys.readouterr().err
    )
    synthetic_runs.dump(tmp_path / "p" / "smac_run_data.json", {})
    assert run("collect", "--runs", tmp_path / "p", "--out", tmp_path / "d") == 2
    assert "import --from smac-paper" in capsys.readouterr().err
    path = write_marl_eval(tmp_path / "m.json", {"seed_0": [0.0, 50.0]})
    assert run("collect", "--runs", path, "--out", tmp_path / "d") == 2
    assert "import --from FORMAT FILE" in capsys.readouterr().err


def test_sacred_runs_beside_ours_are_named_as_skipped(tmp_path, capsys):
    synthetic_runs.write_run(tmp_path / "runs")
    write_sacred(tmp_path / "runs" / "old" / "1", [0.5] * 12)
    assert run("collect", "--runs", tmp_path / "runs", "--out", tmp_path / "d") == 0
    out = capsys.readouterr().out
    assert "1 of 1 runs complete; 1 path skipped" in out
    assert "1 PyMARL run folder" in out


def test_the_other_kind_of_sacred_folder_is_named(tmp_path):
    write_sacred(tmp_path / "p" / "1", [0.5] * 12)
    write_sacred(tmp_path / "e" / "1", [0.5] * 12, epymarl=True)
    for name, folder, other in (("epymarl", "p", "pymarl"), ("pymarl", "e", "epymarl")):
        assert run("import", "--from", name, tmp_path / folder, "--out", tmp_path / "d") == 0
        (left,) = load(tmp_path / "d").info["exclusions"]
        assert left["reason"].endswith(f"try --from {other}")


def test_a_folder_of_marl_eval_files(tmp_path):
    write_marl_eval(tmp_path / "m" / "a" / "metrics.json", {"seed_0": [0.0, 25.0]})
    write_marl_eval(tmp_path / "m" / "b" / "metrics.json", {"seed_1": [0.0, 75.0]})
    write_marl_eval(tmp_path / "m" / "more.json", {"seed_0": [0.0, 50.0]})
    synthetic_runs.dump(tmp_path / "m" / "config.json", {"a": {"b": 1}})
    (tmp_path / "m" / "cut.json").write_text('{"smax": {')
    (tmp_path / "m" / "notes.txt").write_text("no JSON")
    assert run("import", "--from", "marl-eval", tmp_path / "m", "--out", tmp_path / "d") == 0
    dataset = load(tmp_path / "d")
    assert dataset.info["n_complete"] == 3
    experiments = dict(zip(dataset.runs["run_id"], dataset.runs["experiment"], strict=True))
    assert experiments == {
        "m/smax/3m/qmix/seed=0": "m",
        "m/smax/3m/qmix/seed=1": "m",
        "more/smax/3m/qmix/seed=0": "more",
    }
    skipped = {s["path"].rsplit("/", 1)[-1]: s["reason"] for s in dataset.info["skipped"]}
    assert "not in marl-eval's form" in skipped["config.json"]
    assert "not valid JSON" in skipped["cut.json"]
    assert len(skipped) == 2


def test_folders_without_marl_eval_files(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    write_sacred(tmp_path / "s" / "1", [0.5] * 12)
    for folder, message in (
        ("empty", "no marl-eval file among 0 .json files"),
        ("s", "3 .json files, but 1 PyMARL run folder: `python -m analysis import --from pymarl"),
    ):
        words = ["import", "--from", "marl-eval", tmp_path / folder, "--out", tmp_path / "d"]
        assert run(*words) == 2
        assert message in capsys.readouterr().err
