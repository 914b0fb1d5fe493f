"""Where jobs run: this machine's virtual environment, Apptainer/Singularity, or Docker.

The engine reaches a job in two ways. What decides its results, the image, is a parameter of every
rule (``params: image=ENGINE.digest``): another image, other runs. What only says how the image is
started is in environment variables (job_environment.py) that ``workflow/scripts/run-python`` reads:
a parameter would train everything again when the same image runs in another engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.containers.build_context import context_digest
from workflow.errors import PipelineError

REPOSITORY = "pymarl-pipeline"


@dataclass(frozen=True, slots=True)
class Engine:
    """How the jobs of one call run.

    Attributes:
        name: ``host``, ``apptainer`` or ``docker``.
        digest: names the image and is a parameter of every run: another image, other runs. Empty
            on the host.
        container: what Snakemake's ``container:`` gets; None where Snakemake starts no container.
        image_file: the file that stands for the built image; None if there is nothing to build.
        tag: the Docker tag of the image.
    """

    name: str
    digest: str
    container: str | None
    image_file: str | None
    tag: str

    def describe(self) -> str:
        """Return one line for the user."""
        if self.name == "host":
            return (
                "engine: host (this virtual environment; --use-singularity trains in a container)"
            )
        return f"engine: {self.name}, image {self.tag or self.container}"


def choose_engine(pipeline: Mapping[str, Any], singularity_flag: bool) -> Engine:
    """Return the engine that ``--config engine=...`` and ``--use-singularity`` ask for.

    Raises:
        PipelineError: the two contradict each other.
    """
    name = str(pipeline.get("engine") or ("apptainer" if singularity_flag else "host"))
    if name == "apptainer" and not singularity_flag:
        # Snakemake would run such jobs on the host and not say so.
        raise PipelineError(
            "engine=apptainer needs the option --use-singularity (or "
            "'software-deployment-method: apptainer' in a profile)"
        )
    if name == "docker" and pipeline.get("scratch"):
        raise PipelineError(
            "scratch needs engine host or apptainer: a Docker container sees this folder only. "
            "Leave it out, or start from a folder on the fast disk"
        )
    given = pipeline.get("image")
    if given and name != "host":
        digest = tag = str(given)
        image_file = None
    else:
        digest = context_digest(str(pipeline.get("base_image", "")), build_args(pipeline))
        tag = f"{REPOSITORY}:{digest}"
        suffix = "sif" if name == "apptainer" else "docker-id"
        image_file = f"build/image/{REPOSITORY}-{digest}.{suffix}"
    if name == "apptainer":
        return Engine(name, digest, image_file or str(given), image_file, tag)
    # Without the flag Snakemake ignores `container:`; with it, only apptainer jobs may have one.
    ignored = None if singularity_flag else f"build/image/{REPOSITORY}-{digest}.sif"
    if name == "host":
        return Engine(name, "", ignored, None, "")
    return Engine(name, digest, ignored, image_file, tag)


def build_args(pipeline: Mapping[str, Any]) -> dict[str, str]:
    """Return the Dockerfile's build arguments given in ``--config build_args={...}``."""
    return dict(pipeline.get("build_args") or {})
