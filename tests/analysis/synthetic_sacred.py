"""Synthetic logs of other projects: sacred folders of PyMARL and EPyMARL, marl-eval files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.analysis.synthetic_runs import dump

INTERVAL = 10_000
WIN_RATE, RETURN = "test_battle_won_mean", "test_return_mean"


def write_sacred(
    folder: Path,
    values: Sequence[float],
    config: dict[str, Any] | None = None,
    keys: Sequence[str] = (WIN_RATE, RETURN),
    start: int = 0,
    epymarl: bool = False,
) -> Path:
    """One finished sacred run: ``values`` of every key from the nominal time ``start`` on.

    ``config`` replaces single entries; None as an entry's value leaves the entry out.
    """
    times = [start + INTERVAL * k + 37 for k in range(len(values))]
    base: dict[str, Any] = {
        "name": "qmix",
        "env": "sc2",
        "env_args": {"map_name": "3m"},
        "seed": int(folder.name) if folder.name.isdigit() else 1,
        "t_max": start + INTERVAL * (len(values) - 1),
        "test_interval": INTERVAL,
        "test_nepisode": 32,
        "runner": "episode",
        "batch_size_run": 1,
    } | (config or {})
    dump(folder / "config.json", {k: v for k, v in base.items() if v is not None})
    dump(folder / "run.json", {"status": "COMPLETED"})
    if epymarl:
        metrics = {k: {"steps": times, "values": list(values), "timestamps": []} for k in keys}
        dump(folder / "metrics.json", metrics)
    else:
        info: dict[str, Any] = {}
        for key in keys:
            info |= {key: list(values), f"{key}_T": times}
        dump(folder / "info.json", info)
    return folder


def marl_eval_run(values: Sequence[float], metric: str = "win_rate") -> dict[str, Any]:
    """The steps of one run in a marl-eval file."""
    steps: dict[str, Any] = {
        f"step_{k}": {"step_count": INTERVAL * k, metric: [v]} for k, v in enumerate(values)
    }
    return steps | {"absolute_metrics": {metric: [values[-1]]}}


def write_marl_eval(path: Path, runs: dict[str, Sequence[float]], metric: str = "win_rate") -> Path:
    """A marl-eval file of one task and algorithm: run name -> win rates."""
    entries = {name: marl_eval_run(values, metric) for name, values in runs.items()}
    dump(path, {"smax": {"3m": {"qmix": entries}}})
    return path
