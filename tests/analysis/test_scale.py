"""The whole paper grid: 575 runs of 205 evaluations. Sizes and memory, never wall time."""

import re
import subprocess
import sys

import pytest

from tests.analysis import synthetic_runs

MAPS = [f"map{i:02d}" for i in range(23)]
ALGS = ["qmix", "vdn", "iql", "coma", "qtran"]

# peak memory of the process (VmHWM), not of a larger parent that forked it (ru_maxrss)
MEASURE = (
    "import sys; from analysis.cli import main; code = main(sys.argv[1:]); "
    "peak = [x for x in open('/proc/self/status') if x.startswith('VmHWM')]; "
    "print('peak_mib', int(peak[0].split()[1]) // 1024); sys.exit(code)"
)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_575_runs(tmp_path):
    runs = synthetic_runs.write_grid(
        tmp_path / "runs",
        MAPS,
        ALGS,
        [1, 2, 3, 4, 5],
        t_max=2_040_000,
        interval=10_000,
        n_episodes=4,
        extra_metrics=True,
    )
    data = tmp_path / "data"
    steps = [["collect", "--runs", runs, "--out", data]]
    steps += [[c, "--data", data, "--out", tmp_path / c] for c in ("table", "plot", "report")]
    for step in steps:
        command = [sys.executable, "-c", MEASURE, *map(str, step)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peak = int(re.search(r"peak_mib (\d+)", done.stdout).group(1))
        assert peak < 700, step[0]  # plot has two such processes: 1.5 GB together
    assert (tmp_path / "report" / "index.html").stat().st_size < 3_000_000
    assert len(list((tmp_path / "plot").glob("win_rate_map*.svg"))) == 23
