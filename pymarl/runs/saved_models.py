"""PyMARL's saved models: one folder per environment step."""

import json
from collections.abc import Mapping
from pathlib import Path

from pymarl.errors import CheckpointError
from pymarl.learners.base import Learner
from pymarl.runners.base import Runner
from pymarl.utils import atomic
from pymarl.utils.suggest import did_you_mean

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
    return _take_counters(counters, model, runner, learner)


def load_policy(model: Path, runner: Runner, learner: Learner) -> list[str]:
    """Take over the networks of a saved model to play it; return the missing files' names.

    ``agent.th`` is enough; the files of a mixer or a critic are taken where there are any.
    Optimiser and target networks are not read. Counters follow as in :func:`load_model`.

    Raises:
        CheckpointError: a file is damaged or of another algorithm or map, or there is no
            ``agent.th``; nothing was changed.
    """
    counters = _read_counters(model / COUNTERS, learner)
    missing = learner.load_networks(model)
    _take_counters(counters, model, runner, learner)
    return missing


def _take_counters(
    counters: Mapping[str, int], model: Path, runner: Runner, learner: Learner
) -> int:
    """Hand counters, or what the folder's name says, to runner and learner; return the episode."""
    runner.t_env = _step_number(model) or 0
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
    """Return the model that a ``checkpoint_path`` means.

    ``folder`` may hold ``<t_env>/agent.th``, as PyMARL's ``models/<name>`` does, or one folder of
    that form (a run folder, or ``models`` with one name), or be the one model, with ``agent.th``.

    Args:
        folder: the ``checkpoint_path``.
        load_step: of several models the one nearest to it; 0 means the newest.

    Source: PyMARL ``run.py`` (``checkpoint_path``, ``load_step``). Deviation: a missing folder is
        an error, not a silent start from scratch; PyMARL takes the first form only.

    Raises:
        CheckpointError: ``folder`` does not exist, or holds no saved model, or those of several
            trainings.
    """
    if not folder.is_dir():
        raise CheckpointError(
            f"checkpoint_path={folder}: no such folder; expected one with <t_env>/agent.th or "
            f"agent.th inside{_nearest_path(folder)}"
        )
    found = _models_by_step(folder)
    if not found and _holds_model(folder):
        return folder
    if not found:
        found = _models_by_step(_only_training(folder))
    # Sorted: of two that are as near, the earlier one, whatever the order of the file system.
    nearest = min(sorted(found), key=lambda have: abs(have - load_step))
    return found[max(found) if load_step == 0 else nearest]


def _only_training(folder: Path) -> Path:
    """Return the one folder in ``folder`` that holds models by step.

    Raises:
        CheckpointError: there is none, or there are several.
    """
    inside = _subfolders(folder)
    trainings = [entry for entry in inside if _models_by_step(entry)]
    if len(trainings) == 1:
        return trainings[0]
    if trainings:
        names = ", ".join(entry.name for entry in trainings[:8])
        more = f" and {len(trainings) - 8} more" if len(trainings) > 8 else ""
        raise CheckpointError(
            f"checkpoint_path={folder}: holds the models of {len(trainings)} trainings: "
            f"{names}{more}; choose one: checkpoint_path={trainings[0]}"
        )
    single = [entry for entry in inside if _holds_model(entry)]
    hint = f"; did you mean '{single[0]}'?" if single else ""
    raise CheckpointError(
        f"checkpoint_path={folder}: no saved model inside; expected agent.th, or folders named by "
        "environment step with agent.th in them, as PyMARL writes them to models/<name> and "
        f"save_model=True here to <run folder>/models{hint}"
    )


def _models_by_step(folder: Path) -> dict[int, Path]:
    """Return the models ``<t_env>/agent.th`` of a folder by their step."""
    steps = {_step_number(entry): entry for entry in _subfolders(folder) if _holds_model(entry)}
    return {step: entry for step, entry in steps.items() if step is not None}


def _subfolders(folder: Path) -> list[Path]:
    """Return the folders in ``folder`` by name."""
    return sorted(entry for entry in folder.iterdir() if entry.is_dir())


def _holds_model(folder: Path) -> bool:
    """Return whether a folder has the one file that every saved model has."""
    return (folder / "agent.th").is_file()


def _step_number(model: Path) -> int | None:
    """Return the environment step that a model's folder is named by, or None."""
    return int(model.name) if model.name.isascii() and model.name.isdigit() else None


def _nearest_path(folder: Path) -> str:
    """Return ``"; did you mean ...?"`` for a path whose first missing part is misspelt, or ""."""
    if folder.is_file():
        return f"; did you mean '{folder.parent}'?"
    missing = next((p for p in (folder, *folder.parents) if p.parent.is_dir()), folder)
    if not missing.parent.is_dir():
        return ""
    known = {entry.name: entry for entry in _subfolders(missing.parent)}
    near = did_you_mean(missing.name, known)
    for name, entry in known.items():
        if f"'{name}'" in near:
            return f"; did you mean '{entry}'?"
    return ""
