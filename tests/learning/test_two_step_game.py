"""The QMIX paper's two-step game: QMIX finds the return of 8, VDN can only represent 7.

Source: Rashid et al. 2018 (arXiv 1803.11485), section 5: full exploration, target networks every
100 episodes.
"""

import json
import subprocess
import sys

import pytest

SETTINGS = [
    "t_max=1600",
    "test_interval=200",
    "epsilon_finish=1.0",
    "target_update_interval=100",
    "buffer_size=500",
]


@pytest.mark.parametrize(("alg", "best"), [("qmix", 8.0), ("vdn", 7.0)])
def test_two_step_game(tmp_path, alg, best):
    overrides = [*SETTINGS, f"run_dir={tmp_path}/run"]
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pymarl",
            f"--config={alg}",
            "--env-config=matrix",
            "with",
            *overrides,
        ],
        check=True,
        capture_output=True,
    )
    info = json.loads((tmp_path / "run" / "info.json").read_text())
    assert info["test_return_mean"][-3:] == [best] * 3
