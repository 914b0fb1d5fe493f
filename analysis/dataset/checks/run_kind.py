"""Trainings, evaluations of saved models, and trainings continued from one.

Only trainings from the start share a curve. The other two are left out with a code of their own,
or, when asked for, shown under a label of their own (``QMIX [evaluation]``).
"""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from analysis.dataset.labels import clean_label
from analysis.dataset.records import CONTINUED, EVALUATION, TRAINING, RunRecord

# kind -> (what it is, option that shows it); the kinds are also the codes of the exclusions
KINDS = {
    EVALUATION: ("an evaluation of a saved model", "--include-evaluations"),
    CONTINUED: ("a training continued from a saved model", "--include-continued"),
}


def fill_kind(run: RunRecord, config: dict[str, Any]) -> None:
    """Kind and model of a run from a PyMARL-style config.

    With ``checkpoint_path`` PyMARL loads a model and goes on training, or with ``evaluate`` or
    ``save_replay`` only tests it. Without ``checkpoint_path`` it ignores those two and trains.

    Source: PyMARL ``run.py``, ``run_sequential``; EPyMARL and PyMARL2 have the same keys.
    """
    only_tests = any(is_on(config.get(key)) for key in ("evaluate", "save_replay"))
    path = config.get("checkpoint_path")
    if isinstance(path, str) and path.strip() and path.strip() != "None":
        run.kind = EVALUATION if only_tests else CONTINUED
        run.meta["model"] = clean_label(path, limit=200)
        run.meta["load_step"] = clean_label(config.get("load_step"))
    run.meta["only_tests"] = only_tests


def is_on(value: Any) -> bool:
    """Whether a switch is on; sacred also has them as text."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def settle_kind(run: RunRecord) -> None:
    """With ``evaluate`` on and nothing but one test in its log a run is an evaluation.

    Forks that name their models by another key than ``checkpoint_path`` are told by this.
    """
    clock = run.evaluations()
    if run.kind != TRAINING or not run.meta.get("only_tests") or clock is None:
        return
    if len(clock.t_env) == 1 and all(name.startswith("test_") for name in run.series):
        run.kind = EVALUATION


def shown_alg(alg: str, kind: str) -> str:
    """What the runs of an algorithm are shown as: ``qmix``, ``qmix [evaluation]``."""
    return alg if kind not in KINDS else f"{alg} [{kind}]"


def is_entry(run: RunRecord, entry: dict[str, Any]) -> bool:
    """Whether a run lies in the folder that an experiment's list of runs names."""
    wanted = Path(str(entry.get("dir") or "")).parts
    return bool(wanted) and Path(run.path).parts[-len(wanted) :] == wanted


def exclude_kinds(runs: Iterable[RunRecord], shown: Collection[str]) -> None:
    """Leave out evaluations and continued trainings, unless their kind is ``shown``.

    Those that the experiment itself asks for (``meta["asked"]``) stay: it is made of them.
    """
    for run in runs:
        if run.kind not in KINDS or run.kind in shown or run.meta.get("asked"):
            continue
        what, option = KINDS[run.kind]
        run.meta["code"] = run.kind
        model = f" ({run.meta['model']})" if run.meta.get("model") else ""
        more = f"; {run.reason}" if run.reason and run.status != "COMPLETED" else ""
        run.reason = f"{what}; {option} shows it{model}{more}"
