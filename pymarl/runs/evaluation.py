"""What an evaluation of a saved model checks and says."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pymarl.config.schema import Config
from pymarl.errors import CheckpointError
from pymarl.utils.logging import Logger


def check_loaded(args: Config, model: Path, missing: Sequence[str], logger: Logger) -> None:
    """Say which networks a saved model does not have; playing needs the agents' only.

    Raises:
        CheckpointError: ``td_residual`` needs one of them.
    """
    for name in missing:
        if args.td_residual:
            raise CheckpointError(
                f"{model / name}.th: missing, and td_residual=True needs the team's value; put it "
                "beside agent.th, or use --config=vdn for agents whose values add up, or evaluate "
                "without td_residual"
            )
        logger.console.info("No %s.th in %s: agents play without it", name, model)


def evaluation_line(args: Config, info: Mapping[str, Any]) -> str:
    """Return the means of the test episodes on one line; ``info`` holds the statistics."""
    means = {
        key: info[key][-1]
        for key in sorted(info)
        if key.startswith("test_") and key.endswith("_mean")
    }
    shown = ", ".join(f"{key}={value:.4f}" for key, value in means.items())
    return f"Evaluated {args.test_nepisode} test episodes: {shown}"
