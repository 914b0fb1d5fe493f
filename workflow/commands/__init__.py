"""The commands of ``python -m workflow``.

Each module has ``add_arguments(parser)`` and ``run(arguments)``, which returns the exit code or
raises a PipelineError; its docstring is the command's description.
"""

import argparse
from typing import Protocol

from workflow.commands import bench_plan, build_image, bundle, expected, reproduce


class Command(Protocol):
    """What a command's module holds."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it and return the exit code."""
        ...


COMMANDS: dict[str, Command] = {
    "reproduce": reproduce,
    "bundle": bundle,
    "build-image": build_image,
    "expected": expected,
    "bench-plan": bench_plan,
}
