"""The environment that jobs on this machine inherit."""

import os
import sys
from pathlib import Path

from workflow.containers.engine import Engine

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"


def prepare_environment(engine: Engine, gpu_slots: str | None, scratch: str | None) -> None:
    """Set what every job's shell needs.

    ``python`` is the interpreter that runs Snakemake, and ``gpu-slot`` and ``in-docker`` are found.
    A rule can then say ``python -m pymarl`` and mean the virtual environment here and the image's
    own Python in a container, which does not inherit PATH.

    PYMARL_PREPARE and PYMARL_LAUNCH are what the engine wants said before ``-m pymarl``.

    Args:
        engine: where jobs run.
        gpu_slots: ``0,0,1,1``, or None when nobody has to share GPUs.
        scratch: folder on a node's own disk that runs work in, with variables of the job as in
            ``$SLURM_TMPDIR``; None for the run folders themselves.
    """
    own = [str(Path(sys.executable).parent), str(SCRIPTS)]
    words = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if words[: len(own)] != own:
        os.environ["PATH"] = os.pathsep.join([*own, *words])
    os.environ["PYMARL_PREPARE"] = engine.prepare
    os.environ["PYMARL_LAUNCH"] = engine.launch
    if gpu_slots:
        os.environ["PYMARL_GPU_SLOTS"] = gpu_slots
    if scratch:
        os.environ["PYMARL_SCRATCH"] = scratch
