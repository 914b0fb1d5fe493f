"""The training core's kernels never meet code that was compiled from other sources."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pymarl
from pymarl.backends.packed import gru_kernels
from pymarl.kernels import training_jit

PROGRAM = """
import numpy as np
from pymarl.backends.packed.gru_kernels import AgentWeights, Linear, forward
zero, bias = np.zeros((1, 1), np.float32), np.ones(1, np.float32)
gates = Linear(np.zeros((3, 1), np.float32), np.zeros(3, np.float32))
weights = AgentWeights(Linear(zero, zero[0]), gates, gates, Linear(zero, bias))
kept, q = np.zeros((5, 1, 1), np.float32), zero.copy()
forward(zero, np.array([0, 1]), weights, True, kept, zero.copy(), q)
print(q[0, 0], forward.stats.cache_path)
"""
"""The agent's last bias, which a helper of another file adds."""


def run(package: Path, cache: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=package.parent,
        env={**os.environ, "PYTHONPATH": str(package.parent), "NUMBA_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_changed_helper_reaches_the_kernels_of_other_files(tmp_path):
    package = tmp_path / "pymarl"
    origin = Path(pymarl.__file__).parent
    shutil.copytree(origin, package, ignore=shutil.ignore_patterns("__pycache__"))
    before, folder = run(package, tmp_path / "cache")
    assert before == "1.0"
    helper = package / "backends" / "packed" / "linear_kernels.py"
    helper.write_text(helper.read_text().replace("row[j] += bias[j]", "row[j] += f32(2) * bias[j]"))
    after, another = run(package, tmp_path / "cache")
    assert after == "2.0"
    assert folder != another


def test_the_cache_lies_in_the_folder_of_the_hash():
    assert Path(gru_kernels.forward.stats.cache_path).parent.name == training_jit._CACHE.name
