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
from workflow.errors import BuildError
from workflow.files import replacing, write_text
from workflow.source_tree import git_commit

SHOWN_LOG_LINES = 40


def connect() -> Any:
    """Return a client of the Docker daemon that DOCKER_HOST or the default socket names.

    Raises:
        BuildError: it does not answer.
    """
    try:
        client = docker.from_env(timeout=3600)
        client.ping()
    except DockerException as error:
        raise BuildError(
            f"no Docker daemon answers ({error}). Start one (systemctl start docker) or join the "
            "group docker; or use a ready image: --config image=/path/to/image.sif"
        ) from error
    return client


def build_docker(tag: str, base_image: str, args: Mapping[str, str], network: str | None) -> str:
    """Build the image, printing the daemon's output as it comes, and return the image's id.

    Args:
        tag: name of the result.
        base_image: BASE_IMAGE; empty for the Dockerfile's own.
        args: further build arguments.
        network: network of the build's commands (``host`` for a proxy or mirror on this machine).

    Raises:
        BuildError: a step failed; the message ends with the last lines of its output.
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
            tail = "\n".join(lines[-SHOWN_LOG_LINES:])
            raise BuildError(f"{tail}\nthe image was not built: {chunk['error']}")
    return str(client.images.get(tag).id)


def build_sif(tag: str, out: Path) -> None:
    """Turn a Docker image into a SIF file; ``out`` appears only when it is whole.

    PYMARL_MKSQUASHFS_ARGS adds options of mksquashfs (``-comp zstd -Xcompression-level 1``: five
    times faster, but some old installations cannot mount it).

    Raises:
        BuildError: there is no Apptainer/Singularity here, or it failed.
    """
    program = shutil.which("apptainer") or shutil.which("singularity")
    if program is None:
        raise BuildError("neither apptainer nor singularity is installed here")
    extra = os.environ.get("PYMARL_MKSQUASHFS_ARGS")
    options = ["--mksquashfs-args", extra] if extra else []
    with replacing(out) as temporary:
        source = f"docker-daemon:{tag}"
        done = subprocess.run(
            [program, "build", "--force", *options, str(temporary), source], check=False
        )
        if done.returncode:
            raise BuildError(f"{program} build failed with code {done.returncode}")


def build_image(
    out: str,
    tag: str,
    base_image: str = "",
    args: Mapping[str, str] | None = None,
    network: str | None = None,
) -> None:
    """Build what ``out`` stands for: a ``.sif`` file, or a ``.docker-id`` file with the image's id.

    Raises:
        BuildError: something failed; says what.
    """
    path = Path(out)
    image_id = build_docker(tag, base_image, args or {}, network)
    if path.suffix == ".sif":
        build_sif(tag, path)
    else:
        write_text(path, image_id + "\n")
    sys.stdout.write(f"built {path}\n")
