"""Which backend a controller gets, and that the log says so."""

import copy
import logging

import pytest

from pymarl.backends.choice import sequence_backend
from pymarl.backends.cudnn_backend import CudnnBackend
from pymarl.backends.packed_backend import PackedBackend
from pymarl.backends.reference_backend import ReferenceBackend
from pymarl.controllers.basic_controller import BasicMAC
from pymarl.modules.agents import REGISTRY
from pymarl.modules.agents.rnn_agent import RNNAgent
from tests.reference.batches import Sizes, descriptions, full_scheme
from tests.reference.learners import make_args

SIZES = Sizes()


@pytest.fixture
def lines(caplog, monkeypatch):
    """What the log says; runs before may have taken the console's logger off the root."""
    monkeypatch.setattr(logging.getLogger("pymarl"), "propagate", True)
    caplog.set_level(logging.INFO, logger="pymarl")
    return lambda: [record.getMessage() for record in caplog.records]


def make_mac(kind, args):
    return kind(full_scheme(SIZES), descriptions(SIZES)[1], args)


class MyMAC(BasicMAC):
    """Another class, whatever it changes."""


class MyAgent(RNNAgent):
    """Another class, whatever it changes."""


@pytest.mark.parametrize(
    ("device", "fast", "expected", "line"),
    [
        ("cpu", "true", PackedBackend, "Agent: packed kernels (RNNAgent on the CPU)"),
        ("cuda", "true", CudnnBackend, "Agent: whole sequences by cuDNN (RNNAgent on cuda)"),
        ("cpu", "false", ReferenceBackend, "Agent: step by step, because fast=false"),
        ("cuda", "false", ReferenceBackend, "Agent: step by step, because fast=false"),
    ],
)
def test_device_and_fast_decide(device, fast, expected, line, lines):
    mac = make_mac(BasicMAC, make_args("qmix", SIZES))
    seen = len(lines())
    args = make_args("qmix", SIZES, f"fast={fast}").model_copy(update={"device": device})
    assert type(sequence_backend(mac, args, is_basic_mac=True)) is expected
    assert lines()[seen:] == [line]


def test_another_controller_is_run_step_by_step(lines):
    mac = make_mac(MyMAC, make_args("qmix", SIZES))
    assert type(mac.backend) is ReferenceBackend
    assert lines() == ["Agent: step by step, because the controller is a plug-in class MyMAC"]


def test_another_agent_is_run_step_by_step(lines, monkeypatch):
    monkeypatch.setitem(REGISTRY, "rnn", MyAgent)
    mac = make_mac(BasicMAC, make_args("qmix", SIZES))
    assert type(mac.backend) is ReferenceBackend
    assert lines() == ["Agent: step by step, because the agent is a plug-in class MyAgent"]


def test_a_copy_has_a_backend_of_its_own_and_is_not_logged(lines):
    mac = make_mac(BasicMAC, make_args("qmix", SIZES))
    target = copy.deepcopy(mac)
    assert type(target.backend) is PackedBackend
    assert target.backend.workspace is not mac.backend.workspace
    assert len(lines()) == 1
