"""How long a run has worked: all processes that led to its result."""

import time


class Stopwatch:
    """Counts the seconds since it was made, and those of earlier processes of the same run.

    Attributes:
        earlier: seconds of earlier processes, from the checkpoint; 0 for a new run.
    """

    def __init__(self) -> None:
        """Start to count."""
        self._started = time.monotonic()
        self.earlier = 0.0

    def seconds(self) -> float:
        """Return the seconds of all processes together."""
        return self.earlier + time.monotonic() - self._started
