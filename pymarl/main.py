"""From a command line to a published run folder: validation, sacred, signals, exit codes.

``main`` reads the command line and turns expected errors into exit codes; ``train`` owns the run
folder; the training itself is ``pymarl.run``.
"""

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from pymarl import cli
from pymarl.config.build import dump, resolve, run_folder
from pymarl.config.layers import to_yaml
from pymarl.config.schema import Config
from pymarl.errors import (
    CheckpointError,
    ConfigError,
    NonFiniteError,
    PymarlError,
    RegistryError,
    RunFolderError,
)
from pymarl.runs import provenance
from pymarl.runs.progress_reporter import ProgressMode, ProgressReporter
from pymarl.runs.run_folder import CHECKPOINT_FOLDER, RunFolder
from pymarl.utils import atomic
from pymarl.utils.logging import console_logger

PIPELINE_JOB = "PYMARL_PIPELINE_JOB"  # set in the jobs of the pipeline (run-training)
NO_RETRY = "the same call would fail again (no retry)"
EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_SIGINT, EXIT_SIGTERM = 0, 1, 2, 130, 143


def main(argv: list[str]) -> int:
    """Run the command line ``argv`` and return its exit code.

    0 done; 1 the run failed; 2 the command line, a configuration or the run folder is wrong; 130
    and 143 after SIGINT and SIGTERM. Expected errors print one line each on stderr, never a
    traceback.
    """
    try:
        command = cli.parse(argv)
        config = resolve(command.alg, command.env, command.overrides)
        config.env_args.check_available()
        if command.action == "check":
            sys.stdout.write(to_yaml(dump(config)))
            return EXIT_DONE
        return train(config, command.progress)
    except cli.HelpRequestedError as help_text:
        sys.stdout.write(str(help_text))
        return EXIT_DONE
    except (ConfigError, RegistryError) as error:
        return _report(error, EXIT_USAGE, hopeless=True)
    except RunFolderError as error:
        return _report(error, EXIT_USAGE)
    except (CheckpointError, NonFiniteError) as error:
        return _report(error, EXIT_FAILED, hopeless=True)
    except (PymarlError, OSError) as error:
        # An OSError is the machine's (disk full, folder not writable); its text names the file.
        return _report(error, EXIT_FAILED)


def train(config: Config, progress_mode: ProgressMode) -> int:
    """Run one configuration in its run folder, publish the folder, and return the exit code.

    Raises:
        PymarlError: the run failed in a way it can name; sacred has recorded the status FAILED.
    """
    # torch and sacred are only loaded for real runs, so that usage errors are reported at once.
    from pymarl.run import run
    from pymarl.runs.sacred_recording import Terminated, make_experiment

    if config.env == "sim":
        _compile_first()
    folder = RunFolder(run_folder(config)).open()
    try:
        _prepare_work(folder, config)
    except PymarlError:
        folder.close()
        raise
    progress = ProgressReporter(config.t_max, folder.work / "progress.json", progress_mode)
    experiment = make_experiment(dump(config), folder.work)
    # sacred declares the attribute with its first value, None.
    experiment.logger = console_logger()  # type: ignore[assignment]  # sacred is untyped
    started = datetime.now(UTC)

    @experiment.main  # type: ignore[untyped-decorator]  # sacred is untyped
    def _main(_run: Any, _config: dict[str, Any], _log: logging.Logger) -> None:
        result_provenance = provenance.run_provenance(config.env, config.seed, config.threads)
        result_provenance |= run(_run, _config, _log, folder.work, progress)
        finished = datetime.now(UTC)
        result_provenance["started"] = started.isoformat()
        result_provenance["finished"] = finished.isoformat()
        # Of all processes that led to the result, as are the steps.
        result_provenance["duration_s"] = progress.stopwatch.seconds()
        atomic.write_json(folder.work / "provenance.json", result_provenance)

    try:
        with _alone(), _sigterm_raises(Terminated):
            experiment.run()
        folder.publish()
    except Terminated:
        return EXIT_SIGTERM
    except KeyboardInterrupt:
        return EXIT_SIGINT
    finally:
        progress.close()
        folder.close()
    sys.stdout.write(f"Run complete: {folder.path}\n")
    return EXIT_DONE


def _prepare_work(folder: RunFolder, config: Config) -> None:
    """Leave ``work/`` to a run that can resume there, or set it aside with a line on stderr.

    Raises:
        RunFolderError: an evaluation would replace an unfinished training.
        CheckpointError: the checkpoint there was not written by this program.
    """
    from pymarl.runs.checkpoint.checkpoint_store import CheckpointStore
    from pymarl.runs.checkpoint.training_checkpoint import SIMULATOR, fingerprint

    found = CheckpointStore(folder.work / CHECKPOINT_FOLDER).fingerprint()
    if found is not None and config.evaluates:
        # Also when the settings are the same: publishing the evaluation would remove the training.
        raise RunFolderError(
            f"run folder {folder.path} holds an unfinished training, which is left as it is; an "
            "evaluation needs a folder of its own: choose another experiment= or run_dir= "
            "(or remove the folder)"
        )
    if found != fingerprint(config) and (aside := folder.set_work_aside()):
        why = "with other settings" + (" or engine version" if config.env == SIMULATOR else "")
        why = "without a checkpoint" if found is None else why
        sys.stderr.write(f"pymarl: an earlier attempt {why} is in {aside}; this run starts over\n")


def _compile_first() -> None:
    """Compile the kernels before anything else; after a failure the run compiles its own."""
    from pymarl.kernels.warmup import warm_up

    try:
        warm_up(quiet=True)
    except (PymarlError, OSError) as error:
        sys.stderr.write(f"pymarl: {error}; this run compiles what it needs itself\n")


_ONE_TRAINING = threading.Lock()  # in a process: torch's settings and sys.stdout are everybody's


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other thread of this process trains, and keep others waiting inside the block.

    Two trainings at once would draw from one generator and write to one captured ``sys.stdout``.
    """
    if not _ONE_TRAINING.acquire(blocking=False):
        sys.stderr.write(
            "pymarl: another training runs in this process; this one waits for it (trainings side "
            "by side need a process each)\n"
        )
        _ONE_TRAINING.acquire()
    try:
        yield
    finally:
        _ONE_TRAINING.release()


@contextlib.contextmanager
def _sigterm_raises(error: type[BaseException]) -> Iterator[None]:
    """Turn SIGTERM into an exception inside the block.

    It unwinds the stack: sacred records the run as interrupted, and its environments are closed.
    Outside the main thread, which alone may handle signals, it is left to the program around.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handler(signum: int, frame: FrameType | None) -> None:
        raise error

    previous = signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _report(error: Exception, code: int, *, hopeless: bool = False) -> int:
    """Print an expected error on stderr, one line per problem, and return ``code``.

    ``hopeless``: the pipeline is told, as the log's last line, not to try the same call again.
    """
    for line in str(error).splitlines():
        sys.stderr.write(f"pymarl: {line}\n")
    if hopeless and os.environ.get(PIPELINE_JOB):
        sys.stderr.write(f"pymarl: {NO_RETRY}\n")
    return code
