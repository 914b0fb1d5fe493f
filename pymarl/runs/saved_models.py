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


def load_model(model: Path, runner: Runner, learner: Learner) -> int:
    """Take over a saved model with its counters and return its episode number.

    All random streams follow the counters, so a continued run draws new episodes and samples. A
    model of PyMARL's own has no counters; its folder name is ``t_env`` and the rest starts at 0.

    Raises:
        CheckpointError: a file is missing, damaged or of another algorithm or map; nothing was
            changed.
    """
    counters = _read_counters(model / COUNTERS, learner)
    learner.load_models(model)
    runner.t_env = int(model.name)
    if not counters:
        return 0
    learner.load_counters(counters)
    runner.train_episodes = counters["train_episodes"]
    runner.test_episodes = counters["test_episodes"]
    return counters["episode"]


def _read_counters(path: Path, learner: Learner) -> dict[str, int]:
    """Return the counters in a file; none when there is no such file.

    Raises:
        CheckpointError: the file is damaged.
    """
    if not path.is_file():
        return {}
    try:
        counters = json.loads(path.read_text(encoding="utf-8"))
        names = (*learner.counters(), "train_episodes", "test_episodes", "episode")
        return {name: int(counters[name]) for name in names}
    except (OSError, ArithmeticError, ValueError, LookupError, TypeError) as error:
        raise CheckpointError(
            f"{path}: not the counters of a saved model ({error!r}); nothing was loaded. "
            "Restore the file, or choose another checkpoint_path= or load_step="
        ) from error


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
    found = {
        int(entry.name): entry
        for entry in sorted(folder.iterdir())
        if entry.name.isascii() and entry.name.isdigit() and (entry / "agent.th").is_file()
    }
    if not found:
        raise CheckpointError(
            f"checkpoint_path={folder}: no saved model inside; "
            "expected folders named by environment step with agent.th in them, "
            "as save_model=True writes them under <run folder>/models"
        )
    # Sorted: of two that are as near, the earlier one, whatever the order of the file system.
    nearest = min(sorted(found), key=lambda have: abs(have - load_step))
    return found[max(found) if load_step == 0 else nearest]
