"""PyMARL's saved models: one folder per environment step."""

import json
from pathlib import Path

from pymarl.errors import CheckpointError
from pymarl.learners.base import Learner
from pymarl.runners.base import Runner
from pymarl.utils import atomic

COUNTERS = "counters.json"


def save_model(work: Path, runner: Runner, learner: Learner, episode: int) -> None:
    """Save networks, optimiser and counters to ``work/models/<t_env>``."""
    folder = work / "models" / str(runner.t_env)
    folder.mkdir(parents=True, exist_ok=True)
    learner.save_models(folder)
    counters = {
        "t_env": runner.t_env,
        "episode": episode,
        **learner.counters(),
        "train_episodes": runner.train_episodes,
        "test_episodes": runner.test_episodes,
    }
    atomic.write_json(folder / COUNTERS, counters)


def load_counters(model: Path, runner: Runner, learner: Learner) -> int:
    """Set the counters of a saved model and return its episode number.

    All random streams follow the counters, so a continued run draws new episodes and samples. A
    model of PyMARL's own has no counters; its folder name is ``t_env`` and the rest starts at 0.

    Raises:
        CheckpointError: the counters file is damaged.
    """
    runner.t_env = int(model.name)
    path = model / COUNTERS
    if not path.is_file():
        return 0
    try:
        counters = json.loads(path.read_text(encoding="utf-8"))
        learner.load_counters(counters)
        runner.train_episodes = int(counters["train_episodes"])
        runner.test_episodes = int(counters["test_episodes"])
        return int(counters["episode"])
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: not the counters of a saved model ({error!r})") from error


def find_saved_model(folder: Path, load_step: int) -> Path:
    """Return the model folder ``<folder>/<t_env>`` nearest to ``load_step``; 0 means the newest.

    Source: PyMARL ``run.py`` (``checkpoint_path``, ``load_step``). Deviation: a missing folder is
        an error, not a silent start from scratch.

    Raises:
        CheckpointError: ``folder`` does not exist or holds no saved model.
    """
    if not folder.is_dir():
        raise CheckpointError(
            f"checkpoint_path={folder}: no such folder; expected one with <t_env>/agent.th inside"
        )
    steps = [
        int(entry.name)
        for entry in folder.iterdir()
        if entry.name.isdigit() and (entry / "agent.th").is_file()
    ]
    if not steps:
        raise CheckpointError(
            f"checkpoint_path={folder}: no saved model inside; "
            "expected folders named by environment step with agent.th in them, "
            "as save_model=True writes them under <run folder>/models"
        )
    step = max(steps) if load_step == 0 else min(steps, key=lambda have: abs(have - load_step))
    return folder / str(step)
