"""The values of our runs, by the statistic of a reference's protocol."""

from typing import Any

import numpy as np

from analysis.dataset.groups import RunGroup
from analysis.dataset.json_values import positive
from analysis.published.reference import HALF_WINDOW, Floats, tail_mean, window_mean


def own_values(group: RunGroup, at: str, protocol: dict[str, Any]) -> Floats:
    """One value per run (win rates: 0..1) by the statistic of the reference's protocol.

    ``final_steps``: the end is the mean over the run's last so many steps, else the project's own
    final value; ``checkpoint_half_window``: that of a checkpoint.
    """
    pairs = list(zip(group.raw_times, group.raw, strict=True))
    tail = positive(protocol.get("final_steps"))
    if at == "final":
        return group.finals() if not tail else np.array([tail_mean(t, v, tail) for t, v in pairs])
    half = positive(protocol.get("checkpoint_half_window")) or HALF_WINDOW
    return np.array([window_mean(t, v, int(at), half) for t, v in pairs])
