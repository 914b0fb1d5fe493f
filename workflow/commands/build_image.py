"""Build the training image: a Docker image, or a SIF file of it for Apptainer/Singularity."""

import argparse
import json

from workflow.containers.build_context import context_digest
from workflow.containers.engine import REPOSITORY
from workflow.containers.image import build_image
from workflow.errors import PipelineError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", help="x.sif or x.docker-id (default: build/image/...docker-id)")
    parser.add_argument("--base-image", default="", help="BASE_IMAGE (default: the Dockerfile's)")
    parser.add_argument("--build-args", default="{}", help="further build arguments as JSON")
    parser.add_argument("--network", help="network of the build's commands, for example host")


def run(arguments: argparse.Namespace) -> int:
    """Build the image; a BuildError ends with the last lines of the build's output."""
    try:
        build_args = json.loads(arguments.build_args)
    except json.JSONDecodeError as error:
        raise PipelineError(f"--build-args: not JSON: {error}") from error
    if not isinstance(build_args, dict):
        raise PipelineError(
            f'--build-args: expected an object such as {{"SC2": "4.10"}}, got {build_args!r}'
        )
    digest = context_digest(arguments.base_image, build_args)
    out = arguments.out or f"build/image/{REPOSITORY}-{digest}.docker-id"
    tag = f"{REPOSITORY}:{digest}"
    build_image(out, tag, arguments.base_image, build_args, arguments.network or None)
    return 0
