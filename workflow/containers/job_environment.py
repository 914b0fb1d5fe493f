"""The environment variables that jobs inherit, read by the programs in workflow/scripts."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from workflow.containers.engine import Engine
from workflow.errors import PipelineError
from workflow.source_tree import SCRIPTS


def job_environment(engine: Engine, gpu_slots: str | None, scratch: str | None) -> dict[str, str]:
    """Return the variables that say how a job is started.

    Args:
        engine: where jobs run.
        gpu_slots: ``0,0,1,1``, or None when nobody has to share GPUs.
        scratch: folder on a node's own disk that runs work in, with variables of the job as in
            ``$SLURM_TMPDIR``; None for the run folders themselves.

    Returns:
        ``PYMARL_ENGINE`` and ``PYMARL_IMAGE``, which run-python reads; ``PYMARL_GPU_SLOTS`` of
        gpu-slot; ``PYMARL_SCRATCH`` of run-training. Those not asked for are left out.
    """
    variables = {
        "PYMARL_ENGINE": engine.name,
        "PYMARL_IMAGE": engine.tag,
        "PYMARL_GPU_SLOTS": gpu_slots,
        "PYMARL_SCRATCH": scratch,
    }
    return {name: value for name, value in variables.items() if value}


def set_job_environment(variables: Mapping[str, str]) -> None:
    """Set the variables, and let jobs find this Python and the programs of workflow/scripts first.

    A job's ``python`` is then the interpreter that runs Snakemake. A container inherits the
    variables but not PATH: its ``python`` and its copies of the programs are the image's own.
    """
    first = [str(Path(sys.executable).parent), str(SCRIPTS)]
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if folders[: len(first)] != first:
        os.environ["PATH"] = os.pathsep.join([*first, *folders])
    os.environ.update(variables)


def check_gpu_slots(slots: str | None, environment: Mapping[str, str] = os.environ) -> None:
    """Refuse slots on GPUs that CUDA_VISIBLE_DEVICES hides.

    Raises:
        PipelineError: with the hidden GPUs.
    """
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    if not slots or visible is None:
        return
    hidden = sorted(set(slots.split(",")) - set(visible.split(",")))
    if hidden:
        raise PipelineError(
            f"gpu_slots={slots}: GPU {', '.join(hidden)} is not in CUDA_VISIBLE_DEVICES={visible}"
        )
