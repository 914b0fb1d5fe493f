"""Which trackers a run has."""

from pathlib import Path

from pymarl.config.schema import Config
from pymarl.trackers.tensorboard_tracker import TensorboardTracker
from pymarl.trackers.tracker import Tracker, identify
from pymarl.trackers.trackio_tracker import TrackioTracker
from pymarl.trackers.wandb_tracker import open_wandb
from pymarl.utils.logging import Logger


def add_trackers(args: Config, logger: Logger, work: Path) -> None:
    """Give the logger the trackers that the configuration asks for, and say where numbers go.

    Args:
        args: the configuration.
        logger: gets the trackers.
        work: the folder of this attempt; tensorboard's and wandb's files go there.

    Raises:
        ConfigError: a package is not installed.
    """
    trackers: list[Tracker] = []
    if not (args.use_tensorboard or args.use_wandb or args.use_trackio):
        return
    run = identify(args, work)
    if args.use_tensorboard:
        trackers.append(TensorboardTracker(work / "tb", run))
    if args.use_wandb:
        tracker, said = open_wandb(work, run, args.wandb_mode, args.wandb_entity)
        trackers.append(tracker)
        logger.console.info(said)
    if args.use_trackio:
        trackers.append(TrackioTracker(run))
        logger.console.info("trackio: numbers are kept on this machine, project %s", run.project)
    logger.trackers = trackers
