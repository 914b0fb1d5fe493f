"""When to test, log and save: clocks on the environment-step axis."""


class EveryT:
    """Due when ``t`` is at least ``interval`` environment steps past the time it was last due.

    PyMARL's log clocks do the same. It is due at the first call (PyMARL starts its clocks at
    ``-interval - 1``), unless ``start`` says otherwise.
    """

    def __init__(self, interval: int, start: int | None = None) -> None:
        """Start at ``start`` (None: due at once); both are environment steps."""
        self.interval = interval
        self.last = -interval if start is None else start

    def is_due(self, t: int) -> bool:
        """Return whether it is due at ``t``, and if so count the interval from ``t`` on."""
        if t - self.last < self.interval:
            return False
        self.last = t
        return True


class NominalClock:
    """Due once per multiple of ``interval``: at the first ``t`` at or past it.

    The k-th time belongs to ``k * interval`` in every run, whatever the episode lengths, so
    evaluations of different seeds line up. Deviation from PyMARL, whose test clock restarts from
    the actual ``t`` and so drifts: the k-th test of two runs is then at different times and a full
    run has 197 to 205 of them.
    """

    def __init__(self, interval: int) -> None:
        """Count in ``interval`` environment steps; the first time is 0."""
        self.interval = interval
        self.next = 0
        self.nominal = 0

    def is_due(self, t: int) -> bool:
        """Return whether it is due at ``t``.

        When it is, ``nominal`` holds the largest multiple of ``interval`` <= ``t``.
        """
        if t < self.next:
            return False
        self.nominal = t // self.interval * self.interval
        self.next = self.nominal + self.interval
        return True


class LoopClocks:
    """Where the training loop is: the episode count and when to test, save a model and log."""

    def __init__(self, test_interval: int, save_model_interval: int, log_interval: int) -> None:
        """Start at the beginning; intervals in environment steps."""
        self.episode = 0
        self.test = NominalClock(test_interval)
        self.save_model = EveryT(save_model_interval)
        self.log = EveryT(log_interval)

    def state(self) -> dict[str, int]:
        """Return the position as plain numbers."""
        return {
            "episode": self.episode,
            "test_next": self.test.next,
            "test_nominal": self.test.nominal,
            "save_model_last": self.save_model.last,
            "log_last": self.log.last,
        }

    def load_state(self, state: dict[str, int]) -> None:
        """Take over what :meth:`state` returned."""
        self.episode = state["episode"]
        self.test.next, self.test.nominal = state["test_next"], state["test_nominal"]
        self.save_model.last, self.log.last = state["save_model_last"], state["log_last"]
