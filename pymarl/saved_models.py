"""PyMARL's saved models: one folder per environment step."""

from pathlib import Path

from pymarl.errors import CheckpointError


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
