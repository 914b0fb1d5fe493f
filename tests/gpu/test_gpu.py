"""What needs an NVIDIA GPU: ``python -m pytest -m gpu tests/gpu``."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch as th

from pymarl.backends.cudnn_backend import CudnnBackend
from pymarl.components.replay_buffer import ReplayBuffer
from tests.reference.batches import Sizes, descriptions, random_batch
from tests.reference.learners import make_learner, replay_algorithms

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not th.cuda.is_available(), reason="needs a usable NVIDIA GPU"),
]
SIZES = Sizes(n_agents=4, obs=11, state=6, n_actions=5)


def train(folder: Path, alg: str, *overrides: str) -> None:
    settings = ["env_args.map_name=3m", "t_max=800", "test_interval=400", "test_nepisode=4"]
    settings += ["batch_size=4", "use_cuda=true", f"run_dir={folder}", *overrides]
    command = [sys.executable, "-m", "pymarl", f"--config={alg}", "--env-config=sim", "with"]
    done = subprocess.run([*command, *settings], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads((folder / "provenance.json").read_text())["device"] == "cuda"


@pytest.mark.parametrize("alg", replay_algorithms())
def test_the_loss_on_the_gpu_is_that_on_the_cpu(alg):
    batch = random_batch([9, 2, 6, 6, 1], SIZES, seed=4)
    expected, _ = make_learner(alg, SIZES).loss(batch)
    learner = make_learner(alg, SIZES, device="cuda")
    assert type(learner.mac.backend) is CudnnBackend
    learner.to("cuda")
    loss, _ = learner.loss(batch.to("cuda"))
    assert float(loss.detach()) == pytest.approx(float(expected.detach()), rel=1e-4)


@pytest.mark.parametrize("alg", ["qmix", "qtran", "qplex", "cw_qmix", "qatten"])
@pytest.mark.parametrize("buffer_cpu_only", ["true", "false"])
def test_a_training_runs_on_the_gpu(tmp_path, alg, buffer_cpu_only):
    train(tmp_path / "run", alg, f"buffer_cpu_only={buffer_cpu_only}")


def test_coma_trains_on_the_gpu(tmp_path):
    train(tmp_path / "run", "coma", "runner=vector", "batch_size=8")


def test_deterministic_runs_are_the_same_to_the_bit(tmp_path):
    digests = []
    for name in ("one", "other"):
        train(tmp_path / name, "qmix", "deterministic=true")
        files = [tmp_path / name / "info.json", *sorted((tmp_path / name).rglob("*.th"))]
        digests.append([hashlib.sha256(path.read_bytes()).hexdigest() for path in files])
    assert digests[0] == digests[1]


def test_a_buffer_on_the_gpu_gives_the_same_samples():
    scheme, groups, preprocess = descriptions(SIZES)
    samples = []
    for device in ("cpu", "cuda"):
        buffer = ReplayBuffer(scheme, groups, 8, 12, preprocess, device)
        for number in range(3):
            buffer.insert_episode_batch(random_batch([3, 9, 5], SIZES, seed=number))
        samples.append(buffer.sample(4, np.random.default_rng(0)))
    for key, tensor in samples[0].data.items():
        assert samples[1][key].device.type == "cuda"
        assert th.equal(samples[1][key].cpu(), tensor), key
