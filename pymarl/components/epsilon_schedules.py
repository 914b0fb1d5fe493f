"""Exploration schedules."""

from typing import Literal

import numpy as np


class DecayThenFlatSchedule:
    """Epsilon that falls from ``start`` to ``finish`` over ``time_length`` steps and then stays.

    ``linear``: ``max(finish, start - t * (start - finish) / time_length)``. ``exp``: ``min(start,
    max(finish, exp(-t / scaling)))`` with ``exp(-time_length / scaling) = finish``.
    Source: PyMARL ``components/epsilon_schedules.py``. Deviation: none.
    """

    def __init__(
        self,
        start: float,
        finish: float,
        time_length: int,
        decay: Literal["linear", "exp"] = "linear",
    ) -> None:
        """Store the ends (in [0, 1]) and the length in environment steps."""
        self.start = start
        self.finish = finish
        self.time_length = time_length
        self.decay = decay
        self._delta = (start - finish) / time_length
        self._scaling = -time_length / np.log(finish) if decay == "exp" and finish > 0 else 1.0

    def eval(self, t: int) -> float:
        """Return epsilon at environment step ``t`` >= 0."""
        if self.decay == "linear":
            return max(self.finish, self.start - self._delta * t)
        return float(min(self.start, max(self.finish, np.exp(-t / self._scaling))))
