"""An evaluation from the command line: PyMARL's folder in, statistics and TD residuals out."""

import json
from pathlib import Path

import pytest
from scipy.stats import binomtest

from pymarl.main import EXIT_DONE, EXIT_FAILED, main
from pymarl.runs.evaluation import summary, summary_lines, wilson_interval

GAME = ["env_args.map_name=two_step", "use_cuda=false", "test_nepisode=5"]


def play(alg: str, folder: Path, *entries: str) -> int:
    words = [*GAME, f"run_dir={folder}", *entries]
    return main([f"--config={alg}", "--env-config=matrix", "with", *words])


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """QMIX on a matrix game, as PyMARL leaves it: ``models/<name>/<t_env>``, three files."""
    folder = tmp_path_factory.mktemp("trained")
    assert play("qmix", folder / "run", "t_max=20", "batch_size=2") == EXIT_DONE
    [saved] = (folder / "run" / "models").iterdir()
    kept = folder / "models" / "qmix__2019-01-01" / saved.name
    kept.parent.mkdir(parents=True)
    saved.rename(kept)
    for name in ("target.th", "counters.json"):
        (kept / name).unlink()
    return kept


@pytest.mark.parametrize("parents", [0, 1, 2])
def test_the_residuals_of_pymarls_model_are_a_file_of_the_run(tmp_path, model, parents):
    path = [model, *model.parents][parents]
    words = ["evaluate=true", "td_residual=true", f"checkpoint_path={path}"]
    assert play("qmix", tmp_path / "run", *words) == EXIT_DONE
    found = json.loads((tmp_path / "run" / "td_residual.json").read_text())
    assert [(row["step"], row["n"]) for row in found["steps"]] == [(1, 5), (2, 5)]
    assert (found["env"], found["map_name"], found["transitions"]) == ("matrix", "two_step", 10)
    assert "td_residual.json" in (tmp_path / "run" / "complete.json").read_text()
    log = (tmp_path / "run" / "cout.txt").read_text()
    assert "Evaluated 5 test episodes: " in log
    assert "test_return_mean=" in log
    assert f"\n     2         5{found['steps'][1]['mean']:+9.4f}" in log


def test_the_agent_alone_plays_and_its_residual_needs_the_mixer(capsys, tmp_path, model):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "agent.th").write_bytes((model / "agent.th").read_bytes())
    words = ["evaluate=true", f"checkpoint_path={tmp_path / 'model'}"]
    assert play("qmix", tmp_path / "run", *words) == EXIT_DONE
    assert "No mixer.th in" in (tmp_path / "run" / "cout.txt").read_text()
    assert not (tmp_path / "run" / "td_residual.json").exists()
    capsys.readouterr()
    assert play("qmix", tmp_path / "again", *words, "td_residual=true") == EXIT_FAILED
    [line] = [row for row in capsys.readouterr().err.splitlines() if row.startswith("pymarl: ")]
    assert f"{tmp_path / 'model' / 'mixer.th'}: missing, and td_residual=True needs" in line
    assert play("vdn", tmp_path / "vdn", *words, "td_residual=true") == EXIT_DONE


def test_a_training_still_needs_every_file(capsys, tmp_path, model):
    (tmp_path / "20").mkdir()
    for name in ("agent.th", "mixer.th"):
        (tmp_path / "20" / name).write_bytes((model / name).read_bytes())
    assert play("qmix", tmp_path / "run", f"checkpoint_path={tmp_path}", "t_max=40") == EXIT_FAILED
    assert "opt.th: missing from the saved model" in capsys.readouterr().err


def test_the_interval_is_wilsons():
    for won, n in [(0, 1), (1, 1), (0, 32), (26, 32), (32, 32), (3, 7), (500, 1000)]:
        expected = binomtest(won, n).proportion_ci(0.95, "wilson")
        assert wilson_interval(won, n) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert wilson_interval(0, 32)[0] == 0.0
    assert wilson_interval(32, 32)[1] == 1.0
    assert wilson_interval(26, 32) == pytest.approx((0.647, 0.911), abs=5e-4)


def test_the_numbers_of_a_summary():
    rows = [
        {"return": 20.0, "length": 30, "battle_won": 1, "timeout": 0},
        {"return": 10.0, "length": 60, "battle_won": 0, "timeout": 1},
        {"return": 18.0, "length": 33, "battle_won": 1, "timeout": 0},
        {"return": 16.0, "length": 37, "battle_won": 1, "timeout": 0},
    ]
    found = summary(rows)
    assert (found["episodes"], found["win_rate"]["won"], found["timeouts"]) == (4, 3, 1)
    assert found["return"] == pytest.approx(
        {"mean": 16.0, "standard_deviation": 4.320494, "standard_error": 2.160247, "min": 10.0,
         "max": 20.0}, abs=1e-6
    )  # fmt: skip
    assert summary_lines(found) == [
        "win rate  75.0% (3 of 4), 95% interval 30.1% to 95.4% (Wilson)",
        "return    16.000, standard error 2.160, 10.00 to 20.00",
        "length    40.000 steps, standard error 6.819, 30.00 to 60.00",
        "1 of 4 were ended by the time limit",
    ]
    alone = summary_lines(summary([{"return": 8.0, "length": 2}]))
    assert alone == [
        "return    8.000, standard error not known from one episode, 8.00 to 8.00",
        "length    2.000 steps, standard error not known from one episode, 2.00 to 2.00",
    ]


def test_an_evaluation_prints_what_it_found(capsys, tmp_path, model):
    words = ["evaluate=true", f"checkpoint_path={model}"]
    assert play("qmix", tmp_path / "run", *words) == EXIT_DONE
    printed = capsys.readouterr().out
    found = json.loads((tmp_path / "run" / "evaluation.json").read_text())
    rows = [
        json.loads(row)
        for row in (tmp_path / "run" / "test_episodes.jsonl").read_text().splitlines()
    ]
    assert found["episodes"] == len(rows) == 5
    assert found["return"]["mean"] == pytest.approx(sum(row["return"] for row in rows) / 5)
    assert (found["model"], found["map_name"]) == (str(model), "two_step")
    assert "win_rate" not in found
    assert f"two_step (matrix game, not StarCraft II), 5 test episodes of {model}\n" in printed
    assert f"return    {found['return']['mean']:.3f}, standard error" in printed
    assert f"files     {tmp_path / 'run'}: test_episodes.jsonl (each episode), eval" in printed
    assert "evaluation.json" in (tmp_path / "run" / "complete.json").read_text()
    for name in ("evaluation.json", "info.json", "test_episodes.jsonl"):
        assert (tmp_path / "run" / name).is_file()


def test_an_evaluation_in_the_simulator_has_a_win_rate(capsys, tmp_path):
    sim = ["env_args.map_name=3m", "use_cuda=false", f"run_dir={tmp_path / 'trained'}", "t_max=60"]
    words = ["--config=vdn", "--env-config=sim", "--progress=off", "with", "test_nepisode=2"]
    assert main([*words, *sim]) == EXIT_DONE
    run = tmp_path / "run"
    again = [f"run_dir={run}", f"checkpoint_path={tmp_path / 'trained'}", "save_replay=true"]
    assert main([*words, *sim, *again]) == EXIT_DONE
    found = json.loads((run / "evaluation.json").read_text())
    won, rate = found["win_rate"]["won"], found["win_rate"]
    assert rate["interval"] == list(wilson_interval(won, 2))
    printed = capsys.readouterr().out
    assert f"win rate  {won / 2:.1%} ({won} of 2), 95% interval" in printed
    assert "battles (the last battle)" in printed
    assert list((run / "battles").glob("*.skirmish"))
