"""The real trainer and the real analysis through the whole pipeline."""

import json
import subprocess
import sys

import pytest

from workflow.experiment.experiment_file import read_experiment
from workflow.experiment.training_runs import expand_runs

pytestmark = [pytest.mark.pipeline, pytest.mark.timeout(900)]


def test_smoke_from_nothing_to_figures_then_nothing_to_be_done(workplace):
    code, out = workplace.reproduce("smoke", timeout=840)
    assert code == 0, out
    results = workplace.folder / "results"
    svg = (results / "figures/smoke/win_rate.svg").read_text()
    assert "<svg" in svg
    assert (results / "figures/smoke/win_rate.pdf").read_bytes().startswith(b"%PDF")
    assert (results / "figures/smoke/win_rate.png").read_bytes().startswith(b"\x89PNG")
    table = (results / "tables/smoke/summary.csv").read_text()
    assert "qmix" in table.lower()
    assert "vdn" in table.lower()
    assert "<html" in (results / "report/smoke/index.html").read_text()
    assert json.loads((results / "data/smoke/exclusions.json").read_text())["exclusions"] == []
    for run in expand_runs(read_experiment("smoke")):
        folder = workplace.folder / run.folder
        assert json.loads((folder / "complete.json").read_text())["status"] == "COMPLETED"
        provenance = json.loads((folder / "provenance.json").read_text())
        assert (provenance["seed"], provenance["threads"]) == (run.seed, 1)

    code, out = workplace.reproduce("smoke")
    assert code == 0
    assert "nothing to be done" in out

    # What was published can be checked and drawn again by somebody else.
    code, out = workplace.call("-m", "workflow", "bundle", "write", "--experiment", "smoke")
    assert code == 0, out
    code, out = workplace.call(
        "-m", "workflow", "bundle", "verify", "--redraw", "results/bundles/smoke.tar.xz"
    )
    assert code == 0, out
    assert "sound, figures drawn again: the same" in out

    # A mistake that only the trainer can see is named when the runs are planned.
    path = workplace.experiment(algs=["vdn"], seeds=[1], **{"with": {"lrr": 1}})
    code, out = workplace.reproduce(path)
    assert code == 2
    assert "with: lrr: unknown key 'lrr'; did you mean 'lr'?" in out


@pytest.mark.parametrize("name", ["demo", "smoke", "smac_paper"])
def test_the_trainer_accepts_every_algorithm_and_map_of_an_experiment(name):
    runs = expand_runs(read_experiment(name))
    # Every map with one algorithm and every algorithm with one map: neither depends on the other.
    chosen = {
        (run.map, run.alg): run for run in runs if run.alg == runs[0].alg or run.map == runs[0].map
    }
    for run in chosen.values():
        done = subprocess.run(
            [sys.executable, "-m", "pymarl", "check", f"--config={run.alg}",
             f"--env-config={run.env}", "with", f"env_args.map_name={run.map}",
             f"seed={run.seed}", *run.arguments()],
            capture_output=True, text=True, check=False,
        )  # fmt: skip  # as typed
        assert done.returncode == 0, f"{run.label}: {done.stderr}"
