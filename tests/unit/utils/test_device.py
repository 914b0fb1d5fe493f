"""The choice of the device, and the deterministic mode as far as a CPU can show it."""

import json
import logging
import os
import subprocess
import sys

import pytest
import torch as th

from pymarl.utils.device import choose_device

CODE = """
import json, os, sys
import torch as th
from pymarl.utils.device import make_deterministic
if sys.argv[1] == "on":
    make_deterministic()
th.manual_seed(0)
source, index = th.randn(500, 7), th.randint(0, 9, (500,))
out = th.zeros(9, 7).index_add_(0, index, source)
print(json.dumps({
    "algorithms": th.are_deterministic_algorithms_enabled(),
    "cudnn": th.backends.cudnn.deterministic,
    "workspace": os.environ.get("CUBLAS_WORKSPACE_CONFIG"),
    "numbers": out.flatten().tolist(),
}))
"""


@pytest.mark.skipif(th.cuda.is_available(), reason="there is a GPU, so nothing falls back")
def test_without_a_gpu_a_run_says_that_it_takes_the_cpu(caplog):
    with caplog.at_level(logging.WARNING, logger="test"):
        assert choose_device(True, logging.getLogger("test")) == "cpu"
    assert "no usable CUDA GPU was found: running on the CPU" in caplog.text


def test_nothing_is_said_when_no_gpu_is_wanted(caplog):
    with caplog.at_level(logging.INFO, logger="test"):
        assert choose_device(False, logging.getLogger("test")) == "cpu"
    assert caplog.text == ""


def test_a_usable_gpu_is_taken_and_named(caplog, monkeypatch):
    monkeypatch.setattr(th.cuda, "is_available", lambda: True)
    monkeypatch.setattr(th.cuda, "get_device_name", lambda: "a GPU")
    with caplog.at_level(logging.INFO, logger="test"):
        assert choose_device(True, logging.getLogger("test")) == "cuda"
    assert "running on a GPU" in caplog.text


def test_deterministic_mode_sets_all_switches_and_no_number_on_the_cpu():
    environment = {k: v for k, v in os.environ.items() if k != "CUBLAS_WORKSPACE_CONFIG"}
    found = {}
    for mode in ("on", "off"):
        done = subprocess.run(
            [sys.executable, "-c", CODE, mode],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        found[mode] = json.loads(done.stdout)
    on, off = found["on"], found["off"]
    assert (on["algorithms"], on["cudnn"], on["workspace"]) == (True, True, ":4096:8")
    assert (off["algorithms"], off["workspace"]) == (False, None)
    assert on["numbers"] == off["numbers"]
