"""``python -m workflow.commands.build_image``: build the training image."""

import argparse
import json
import sys

from workflow.containers.build_context import context_digest
from workflow.containers.engine import REPOSITORY
from workflow.containers.image import build_image
from workflow.errors import PipelineError


def main(argv: list[str] | None = None) -> int:
    """Build an image; 0 done, 1 it failed (the reason is the last thing printed)."""
    parser = argparse.ArgumentParser(prog="build_image", description=__doc__)
    parser.add_argument("--out", help="x.sif or x.docker-id (default: build/image/...docker-id)")
    parser.add_argument("--base-image", default="", help="BASE_IMAGE (default: the Dockerfile's)")
    parser.add_argument("--build-args", default="{}", help="further build arguments as JSON")
    parser.add_argument("--network", help="network of the build's commands, for example host")
    args = parser.parse_args(argv)
    build_args = json.loads(args.build_args)
    digest = context_digest(args.base_image, build_args)
    out = args.out or f"build/image/{REPOSITORY}-{digest}.docker-id"
    try:
        build_image(out, f"{REPOSITORY}:{digest}", args.base_image, build_args, args.network)
    except PipelineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
