"""An evaluation from the command line: PyMARL's folder in, statistics and TD residuals out."""

import json
from pathlib import Path

import pytest

from pymarl.main import EXIT_DONE, EXIT_FAILED, main

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
