"""The one place that decides how a controller's agents are computed."""

import logging

from pymarl.backends.cudnn_backend import CudnnBackend
from pymarl.backends.interface import SequenceBackend, SequenceController
from pymarl.backends.packed_backend import PackedBackend
from pymarl.backends.reference_backend import ReferenceBackend
from pymarl.config.schema import Config
from pymarl.modules.agents.rnn_agent import RNNAgent

_LOG = logging.getLogger("pymarl.backends")


def sequence_backend(
    mac: SequenceController, args: Config, *, is_basic_mac: bool
) -> SequenceBackend:
    """Return the fastest backend that computes what a controller and its agent compute; log it.

    The packed kernels and cuDNN's are written for exactly ``BasicMAC`` with ``RNNAgent``: another
    class, a subclass too, may compute something else and is run step by step, as is everything with
    ``fast: false``.

    Args:
        mac: the controller, with its agent.
        args: ``fast`` and ``device`` decide.
        is_basic_mac: whether the controller's class is ``BasicMAC`` itself.
    """
    backend, reason = _choose(mac, args, is_basic_mac)
    _LOG.info("Agent: %s%s", backend.description, reason)
    return backend


def _choose(
    mac: SequenceController, args: Config, is_basic_mac: bool
) -> tuple[SequenceBackend, str]:
    """Return the backend and the reason as the log has it."""
    agent = type(mac.agent)
    if not args.fast:
        return ReferenceBackend(), ", because fast=false"
    if not is_basic_mac:
        mine = type(mac).__name__
        return ReferenceBackend(), f", because the controller is a plug-in class {mine}"
    if agent is not RNNAgent:
        return ReferenceBackend(), f", because the agent is a plug-in class {agent.__name__}"
    if args.device == "cpu":
        return PackedBackend(), " (RNNAgent on the CPU)"
    return CudnnBackend(), f" (RNNAgent on {args.device})"
