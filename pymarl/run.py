"""Training, top to bottom: ``run`` prepares a run, ``run_sequential`` is PyMARL's training loop."""

import contextlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import torch as th

from pymarl.backends.transitions import transition_mask
from pymarl.components import seeding
from pymarl.components.clocks import LoopClocks
from pymarl.components.replay_setup import make_buffer
from pymarl.config.build import validate
from pymarl.config.schema import Config
from pymarl.controllers import REGISTRY as mac_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.learners import REGISTRY as le_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.learners.base import Learner
from pymarl.runners import REGISTRY as r_REGISTRY  # noqa: N811 - PyMARL's name
from pymarl.runners.base import Runner
from pymarl.runs.checkpoint.training_checkpoint import Stateful, TrainingCheckpoint
from pymarl.runs.evaluation import check_loaded, report_evaluation
from pymarl.runs.progress_reporter import ProgressReporter
from pymarl.runs.saved_models import find_saved_model, load_model, load_policy, save_model
from pymarl.runs.td_residual import TDResiduals
from pymarl.utils.device import choose_device, make_deterministic
from pymarl.utils.logging import Logger
from pymarl.utils.threads import warn_of_other_threads

Provenance = dict[str, Any]


class SacredRun(Protocol):
    """The part of sacred's ``Run`` that is used."""

    info: dict[str, Any]


def run(
    _run: SacredRun,
    _config: Mapping[str, Any],
    _log: logging.Logger,
    work: Path,
    progress: ProgressReporter,
) -> Provenance:
    """Check the arguments, choose the device, open the logs, and train (or evaluate).

    Args:
        _run: sacred's run; statistics go to ``_run.info``.
        _config: the resolved configuration as plain data.
        _log: where messages go.
        work: the folder of this attempt.
        progress: what shows the user how far the run is.

    Returns:
        What only the finished run knows, for its provenance.
    """
    args = args_sanity_check(_config, _log, work)
    th.set_num_threads(args.threads)
    warn_of_other_threads(args.threads, _log)
    if args.deterministic:
        make_deterministic()

    _log.info(
        "Experiment Parameters:\n%s",
        "\n".join(f"  {key}: {value!r}" for key, value in sorted(_config.items())),
    )

    logger = make_logger(args, _run.info, _log, work)
    with contextlib.ExitStack() as at_end:
        return run_sequential(args, logger, work, progress, at_end)


def make_logger(args: Config, info: dict[str, Any], log: logging.Logger, work: Path) -> Logger:
    """Return PyMARL's logger, which writes to sacred's ``info``, ``log`` and files in ``work``."""
    logger = Logger(log)
    logger.setup_sacred(info)
    logger.setup_test_episodes(work / "test_episodes.jsonl")
    if args.use_csv:
        logger.setup_csv(work / "metrics.csv")
    if args.use_tensorboard:
        logger.setup_tensorboard(work / "tb")
    return logger


def args_sanity_check(
    config: Mapping[str, Any], log: logging.Logger, work: Path | None = None
) -> Config:
    """Return the validated arguments with what is only known now: device and replay folder.

    Every value that had to change is logged.

    Args:
        config: the configuration as plain data.
        log: where messages go.
        work: the folder of this attempt. The simulator's replays go to ``battles`` there, where the
            report looks for them, unless a ``replay_dir`` is set.

    Raises:
        ConfigError: the configuration is not valid.
    """
    args = validate(dict(config))
    changes: dict[str, Any] = {"device": choose_device(args.use_cuda, log)}
    # A rollout plays whole batches of episodes; a test is a whole number of rollouts.
    episodes = max(1, args.test_nepisode // args.batch_size_run) * args.batch_size_run
    if episodes != args.test_nepisode:
        log.warning(
            "test_nepisode=%d: not a multiple of batch_size_run; using %d",
            args.test_nepisode,
            episodes,
        )
    changes["test_nepisode"] = episodes
    replay_dir = getattr(args.env_args, "replay_dir", None)
    if work is not None and args.env == "sim" and args.save_replay and not replay_dir:
        changes["env_args"] = args.env_args.model_copy(update={"replay_dir": str(work / "battles")})
    return args.model_copy(update=changes)


# Over 50 lines, because PyMARL's loop is meant to be read in one piece.
def run_sequential(
    args: Config,
    logger: Logger,
    work: Path,
    progress: ProgressReporter,
    at_end: contextlib.ExitStack,
) -> Provenance:
    """Play episodes, learn from replayed ones and test now and then, until ``t_max`` is passed.

    ``at_end`` closes what was opened, however the run ends.
    """
    runner = r_REGISTRY[args.runner](args=args, logger=logger)
    at_end.callback(runner.close_env)

    # Only the environment knows the sizes: agents, actions, observations, state, episode limit.
    env_info = runner.get_env_info()
    args = args.with_env_info(env_info)

    buffer = make_buffer(args, env_info.get("observer"), logger)
    groups, preprocess = buffer.groups, buffer.preprocess

    # Networks are initialised from a stream of their own, and torch's generator is put back.
    with seeding.seeded_torch(args.seed):
        mac = mac_REGISTRY[args.mac](buffer.scheme, groups, args)
        learner = le_REGISTRY[args.learner](mac, buffer.scheme, logger, args)
    runner.setup(scheme=buffer.codec.recorded, groups=groups, preprocess=preprocess, mac=mac)
    learner.to(args.device)

    clocks = LoopClocks(args.test_interval, args.save_model_interval, args.log_interval)
    if args.checkpoint_path:
        model = find_saved_model(Path(args.checkpoint_path), args.load_step)
        logger.console.info("Loading model from %s", model)
        if args.evaluates:
            missing = load_policy(model, runner, learner)
            check_loaded(args, model, missing, logger)
            evaluate_sequential(args, runner, learner, logger, work)
            return _provenance(args, runner, learner, resumes=0)
        clocks.episode = load_model(model, runner, learner)

    # A killed run goes on where its last checkpoint left it.
    parts: dict[str, Stateful] = {
        "learner": learner,
        "runner": runner,
        "clocks": clocks,
        "logger": logger,
    }
    checkpoint = TrainingCheckpoint(work, args, parts, buffer, progress.stopwatch)
    checkpoint.resume(logger)
    at_end.push(checkpoint.on_exit)
    progress.start(runner.t_env)

    logger.console.info("Beginning training for %d timesteps", args.t_max)
    while runner.t_env <= args.t_max:
        # Between rollouts all parts agree: what an interrupt later writes is this state.
        checkpoint.update(runner.t_env)

        # One rollout of whole episodes, then the updates it pays for.
        episode_batch = runner.run(test_mode=False)
        buffer.insert_episode_batch(episode_batch)

        if buffer.can_sample(args.batch_size):
            for _ in range(args.updates_per_rollout):
                rng = seeding.generator(args.seed, seeding.REPLAY, learner.updates)
                episode_sample = buffer.sample(args.batch_size, rng)
                # Truncate to the longest episode of the sample.
                episode_sample = episode_sample[:, : episode_sample.max_t_filled()]
                learner.train(episode_sample.to(args.device), runner.t_env, clocks.episode)

        # Test with the greedy policy; the clock keeps to the nominal grid, so evaluations of all
        # seeds line up.
        if clocks.test.is_due(runner.t_env):
            logger.console.info(progress.line(runner.t_env))
            logger.start_evaluation(runner.t_env, clocks.test.nominal)
            for _ in range(max(1, args.test_nepisode // runner.batch_size)):
                runner.run(test_mode=True)

        clocks.episode += args.batch_size_run
        if args.save_model and clocks.save_model.is_due(runner.t_env):
            save_model(work, runner, learner, clocks.episode)

        if clocks.log.is_due(runner.t_env):
            logger.log_stat("episode", clocks.episode, runner.t_env)
            logger.print_recent_stats()
        progress.update(runner.t_env, logger.latest("test_battle_won_mean"))

    save_model(work, runner, learner, clocks.episode)
    logger.console.info(
        "Finished training: %d steps, %d episodes, %d updates",
        runner.t_env,
        clocks.episode,
        learner.updates,
    )
    logger.console.info(
        "Replay: %d episodes in %.1f MB", buffer.episodes_in_buffer, buffer.nbytes() / 1e6
    )
    return _provenance(args, runner, learner, checkpoint.resumes)


def evaluate_sequential(
    args: Config, runner: Runner, learner: Learner, logger: Logger, work: Path
) -> None:
    """Play ``test_nepisode`` test episodes with the loaded model and log their statistics.

    With ``td_residual`` its value function is held against the episodes, too.
    """
    logger.start_evaluation(runner.t_env, runner.t_env)
    residuals = TDResiduals()
    for _ in range(max(1, args.test_nepisode // runner.batch_size)):
        batch = runner.run(test_mode=True)
        if args.td_residual:
            batch = batch[:, : batch.max_t_filled()].to(args.device)
            residuals.add(learner.td_residuals(batch), transition_mask(batch["filled"]))
    report_evaluation(args, logger, residuals, work, runner.provenance())
    if args.save_replay:
        runner.save_replay()


def _provenance(args: Config, runner: Runner, learner: Learner, resumes: int) -> Provenance:
    """Return what only the finished run knows, for ``provenance.json``."""
    return {
        "device": args.device,
        "env_steps": runner.t_env,
        "updates": learner.updates,
        "resumes": resumes,
        "lost_episodes": runner.lost_episodes,
        **runner.provenance(),
    }
