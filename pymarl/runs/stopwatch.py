"""How long a run has worked, over all processes that led to its result."""

import time


class Stopwatch:
    """Seconds of this process since it was made, and of the processes before it."""

    def __init__(self) -> None:
        """Start."""
        self._started = time.monotonic()
        self.earlier = 0.0

    def seconds(self) -> float:
        """Return the seconds of all of them."""
        return self.earlier + time.monotonic() - self._started
