"""Where jobs run: on this machine's virtual environment, in Apptainer/Singularity, or in Docker."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.containers.build_context import context_digest
from workflow.errors import PipelineError

REPOSITORY = "pymarl-pipeline"
# `python -I`: no PYTHON* variable, user package or module of the working folder gets in the way of
# the image's own code. The kernels that numba compiles need a place that can be written.
_IN_IMAGE = "python -I"
_CACHE = "export NUMBA_CACHE_DIR=$PWD/.snakemake/numba-cache"
_GUARD = ": ${APPTAINER_CONTAINER:?this job must run in the container: use --use-singularity}"


@dataclass(frozen=True, slots=True)
class Engine:
    """How the jobs of one call run.

    Attributes:
        kind: ``host``, ``apptainer`` or ``docker``.
        digest: names the image and is a setting of every run: another image, other runs. Empty on
            the host.
        container: what Snakemake's ``container:`` gets; None where Snakemake starts no container.
        image_file: the file that stands for the built image; None if there is nothing to build.
        tag: the Docker tag of the image.
        launch: the words before ``-m pymarl``.
        prepare: a shell command before it.
    """

    kind: str
    digest: str
    container: str | None
    image_file: str | None
    tag: str
    launch: str
    prepare: str

    def describe(self) -> str:
        """Return one line for the user."""
        if self.kind == "host":
            return (
                "engine: host (this virtual environment; --use-singularity trains in a container)"
            )
        return f"engine: {self.kind}, image {self.tag or self.container}"


def choose_engine(pipeline: Mapping[str, Any], singularity_flag: bool) -> Engine:
    """Return the engine that ``--config engine=...`` and ``--use-singularity`` ask for.

    Raises:
        PipelineError: the two contradict each other.
    """
    kind = str(pipeline.get("engine") or ("apptainer" if singularity_flag else "host"))
    if kind == "apptainer" and not singularity_flag:
        # Snakemake would run such jobs on the host without a word.
        raise PipelineError(
            "engine=apptainer needs the option --use-singularity (or "
            "'software-deployment-method: apptainer' in a profile)"
        )
    if kind == "docker" and pipeline.get("scratch"):
        raise PipelineError(
            "scratch needs engine host or apptainer: a Docker container sees this folder only. "
            "Leave it out, or start from a folder on the fast disk"
        )
    given = pipeline.get("image")
    if given and kind != "host":
        digest = tag = str(given)
        image_file = None
    else:
        digest = context_digest(str(pipeline.get("base_image", "")), build_args(pipeline))
        tag = f"{REPOSITORY}:{digest}"
        suffix = "sif" if kind == "apptainer" else "docker-id"
        image_file = f"build/image/{REPOSITORY}-{digest}.{suffix}"
    # Without the flag Snakemake ignores `container:`; with it, only apptainer jobs may have one.
    unused = None if singularity_flag else f"build/image/{REPOSITORY}-{digest}.sif"
    if kind == "host":
        return Engine("host", "", unused, None, "", "python", ":")
    if kind == "docker":
        launch = f"in-docker {tag} {_IN_IMAGE}"
        return Engine("docker", digest, unused, image_file, tag, launch, _CACHE)
    container = image_file or str(given)
    return Engine("apptainer", digest, container, image_file, tag, _IN_IMAGE, f"{_GUARD}; {_CACHE}")


def build_args(pipeline: Mapping[str, Any]) -> dict[str, str]:
    """Return the Dockerfile's build arguments given in ``--config build_args={...}``."""
    return dict(pipeline.get("build_args") or {})


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
