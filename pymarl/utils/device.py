"""Which device a run computes on, and whether it computes the same bits each time there."""

import logging
import os

import torch as th


def choose_device(use_cuda: bool, log: logging.Logger) -> str:
    """Return "cuda" or "cpu" for ``use_cuda``; a warning is logged when no GPU is usable."""
    if not use_cuda:
        return "cpu"
    if th.cuda.is_available():
        log.info("running on %s", th.cuda.get_device_name())
        return "cuda"
    log.warning("use_cuda=True but no usable CUDA GPU was found: running on the CPU")
    return "cpu"


def make_deterministic() -> None:
    """Let this process use deterministic algorithms only (``deterministic: true``).

    To be called before anything runs on the GPU: cuBLAS reads its variable once. On the CPU the
    same numbers come out as without. An operation that has no deterministic form raises
    RuntimeError and names itself.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    th.backends.cudnn.deterministic = True
    th.backends.cudnn.benchmark = False
    th.use_deterministic_algorithms(True)
    # Uninitialised memory need not be filled: nothing reads it before it is written.
    th.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # no stub has it
