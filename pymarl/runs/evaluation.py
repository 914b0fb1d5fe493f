"""What an evaluation of a saved model checks, says and writes."""

from collections.abc import Sequence
from pathlib import Path

from pymarl.config.schema import Config
from pymarl.errors import CheckpointError
from pymarl.runs.td_residual import TDResiduals
from pymarl.utils import atomic
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


def report_evaluation(
    args: Config,
    logger: Logger,
    residuals: TDResiduals,
    work: Path,
    engine_version: int | None,
) -> None:
    """Log the means of the test episodes; with ``td_residual`` the table, and write it to a file.

    Args:
        args: the configuration.
        logger: holds the statistics.
        residuals: of the test episodes; empty without ``td_residual``.
        work: the folder of this attempt; the file is ``td_residual.json``.
        engine_version: of the simulator's engine that played them; None in the game.
    """
    names = [key for key in sorted(logger.info) if key.startswith("test_") and "_T" not in key]
    means = ", ".join(f"{key}={logger.latest(key):.4f}" for key in names)
    logger.console.info("Evaluated %d test episodes: %s", args.test_nepisode, means)
    if args.td_residual:
        logger.console.info("%s", residuals.report(args, engine_version))
        atomic.write_json(work / "td_residual.json", residuals.as_json(args, engine_version))
