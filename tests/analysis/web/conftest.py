"""Reports that the browser tests look at."""

from pathlib import Path

import pytest

from analysis.cli import main
from tests.analysis import synthetic_battles, synthetic_runs
from tests.analysis.web.browsing import Watched


@pytest.fixture(scope="session")
def report(tmp_path_factory) -> Path:
    """results/ of an experiment with battles, pending, running and failed runs."""
    root = tmp_path_factory.mktemp("results")
    runs = root / "runs"
    synthetic_runs.write_grid(runs, ["3m", "3s5z"], ["qmix", "vdn", "iql"], [1, 2, 3])
    synthetic_runs.write_run(runs, "3m", "qmix", 4, state="running")
    synthetic_runs.write_run(runs, "3m", "vdn", 4, state="failed")
    for alg in ("qmix", "vdn"):
        synthetic_battles.write_battles(runs / "demo" / "sim" / "3m" / alg / "seed=1", 1, alg=alg)
    wanted = [
        {"env": "sim", "map": m, "alg": a, "seed": s, "t_max": 50_000, "dir": "-"}
        for m in ("3m", "3s5z", "8m")
        for a in ("qmix", "vdn", "iql")
        for s in (1, 2, 3, 4)
    ]
    synthetic_runs.dump(root / "expected.json", {"experiment": "demo", "runs": wanted})
    args = [
        "collect",
        "--runs",
        runs / "demo",
        "--expected",
        root / "expected.json",
        "--out",
        root / "data" / "demo",
    ]
    assert main([str(a) for a in args]) == 0
    out = root / "report" / "demo"
    assert main(["report", "--data", str(root / "data" / "demo"), "--out", str(out)]) == 0
    return out / "index.html"


@pytest.fixture
def watched(chromium, report):
    w = Watched(chromium, report.as_uri(), viewport={"width": 1200, "height": 900})
    yield w
    w.context.close()
    assert w.errors == []
    outside = [r for r in w.requests if not r.startswith(("file://", "blob:", "data:"))]
    assert outside == []
    assert [r for r in w.requests if r.startswith("file:")] == [report.as_uri()]
