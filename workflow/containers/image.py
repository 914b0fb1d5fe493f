"""Builds the training image: Docker first, then a SIF file from it for Apptainer/Singularity."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from docker.errors import DockerException

import docker
from workflow.containers.build_context import context_archive, context_digest
from workflow.errors import PipelineError
from workflow.experiment.experiment_file import ROOT

TAIL = 40


def git_commit(root: Path = ROOT) -> str:
    """Return the commit of the source, ``unknown`` outside a repository."""
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def connect() -> Any:
    """Return a client of the Docker daemon that DOCKER_HOST or the default socket names.

    Raises:
        PipelineError: it does not answer.
    """
    try:
        client = docker.from_env(timeout=3600)
        client.ping()
    except DockerException as error:
        raise PipelineError(
            f"no Docker daemon answers ({error}). Start one (systemctl start docker) or join the "
            "group docker; or use a ready image: --config image=/path/to/image.sif"
        ) from error
    return client


def build_docker(tag: str, base_image: str, args: Mapping[str, str], network: str | None) -> str:
    """Build the image, printing the daemon's words as they come, and return the image's id.

    Args:
        tag: name of the result.
        base_image: BASE_IMAGE; empty for the Dockerfile's own.
        args: further build arguments.
        network: network of the build's commands (``host`` for a proxy or mirror on this machine).

    Raises:
        PipelineError: a step failed; the message ends with the last lines of its output.
    """
    client = connect()
    build_args = {
        **args,
        "CONTEXT_DIGEST": context_digest(base_image, args),
        "GIT_COMMIT": git_commit(),
        "VERSION": metadata.version("pymarl-pipeline"),
        **({"BASE_IMAGE": base_image} if base_image else {}),
    }
    lines: list[str] = []
    stream: Iterable[dict[str, Any]] = client.api.build(
        fileobj=context_archive(),
        custom_context=True,
        dockerfile="docker/Dockerfile",
        tag=tag,
        buildargs=build_args,
        rm=True,
        forcerm=True,
        network_mode=network,
        decode=True,
    )
    for chunk in stream:
        text = str(chunk.get("stream", chunk.get("status", ""))).rstrip()
        if text:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
            lines += text.splitlines()
        if "error" in chunk:
            tail = "\n".join(lines[-TAIL:])
            raise PipelineError(f"{tail}\nthe image was not built: {chunk['error']}")
    return str(client.images.get(tag).id)


def build_sif(tag: str, out: Path) -> None:
    """Turn a Docker image into a SIF file; ``out`` appears only when it is whole.

    PYMARL_MKSQUASHFS_ARGS adds options of mksquashfs (``-comp zstd -Xcompression-level 1``: five
    times faster, but some old installations cannot mount it).

    Raises:
        PipelineError: there is no Apptainer/Singularity here, or it failed.
    """
    program = shutil.which("apptainer") or shutil.which("singularity")
    if program is None:
        raise PipelineError("neither apptainer nor singularity is installed here")
    scratch = out.with_name(f".{out.name}.{os.getpid()}")
    extra = os.environ.get("PYMARL_MKSQUASHFS_ARGS")
    options = ["--mksquashfs-args", extra] if extra else []
    done = subprocess.run(
        [program, "build", "--force", *options, str(scratch), f"docker-daemon:{tag}"], check=False
    )
    if done.returncode:
        scratch.unlink(missing_ok=True)
        raise PipelineError(f"{program} build failed with code {done.returncode}")
    scratch.replace(out)


def build_image(
    out: str,
    tag: str,
    base_image: str = "",
    args: Mapping[str, str] | None = None,
    network: str | None = None,
) -> None:
    """Build what ``out`` stands for: a ``.sif`` file, or a ``.docker-id`` file with the image's id.

    Raises:
        PipelineError: something failed; says what.
    """
    path = Path(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    image_id = build_docker(tag, base_image, args or {}, network)
    if path.suffix == ".sif":
        build_sif(tag, path)
    else:
        scratch = path.with_name(f".{path.name}.{os.getpid()}")
        scratch.write_text(image_id + "\n", encoding="utf-8")
        scratch.replace(path)
    sys.stdout.write(f"built {path}\n")
