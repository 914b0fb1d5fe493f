"""What a statistic of a log is: its name, unit and scale, and which one is shown by default."""

from collections.abc import Collection
from typing import NamedTuple

from analysis.errors import ResultError, did_you_mean
from analysis.stats.final import ONE_EPISODE

WIN_RATE = "test_battle_won_mean"
RETURN = "test_return_mean"
DEFAULTS = (WIN_RATE, RETURN)
"""Shown when no metric was asked for: the first of these that a run in the statistics logged."""

ALIASES = {"win_rate": WIN_RATE, "return": RETURN, "length": "test_ep_length_mean"}
"""Short words for ``--metric``."""

NAMES = {
    WIN_RATE: "Test win rate",
    RETURN: "Test return",
    "test_ep_length_mean": "Test episode length",
    "test_return_std": "Standard deviation of the test return",
    "test_normalised_return": "Normalised test return",
    "battle_won_mean": "Training win rate",
    "return_mean": "Training return",
    "ep_length_mean": "Training episode length",
}
RATE_WORDS = ("battle_won", "win_rate", "battles_won_rate")  # in the key of a rate from 0 to 1


class Metric(NamedTuple):
    """A statistic and how it is shown.

    Values are kept in the unit of the log and shown times ``scale``. ``better`` is +1 where more
    is better (win rates, returns), 0 where that is not known: then nothing is marked as best.
    """

    key: str
    name: str
    is_rate: bool
    better: int

    @property
    def scale(self) -> float:
        """100 for rates, which are shown in percent, else 1."""
        return 100.0 if self.is_rate else 1.0

    @property
    def unit(self) -> str:
        """``%``, ``steps`` or nothing."""
        if self.is_rate:
            return "%"
        return "steps" if "ep_length" in self.key else ""

    @property
    def axis(self) -> str:
        """Label of an axis: name and unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    @property
    def lower_name(self) -> str:
        """The name inside a sentence; a bare key stays as it is."""
        return self.name[0].lower() + self.name[1:] if self.key in NAMES else self.name

    @property
    def margin(self) -> float:
        """Smallest difference that counts: one test episode of a win rate, else any."""
        return ONE_EPISODE if self.is_rate else 0.0


def metric_of(key: str) -> Metric:
    """The metric of a stat key, known or not."""
    is_rate = any(word in key for word in RATE_WORDS)
    is_return = "return" in key and not key.endswith("_std")
    return Metric(key, NAMES.get(key, key), is_rate, int(is_rate or is_return))


def choose_metric(logged: Collection[str], asked: str | None = None) -> Metric:
    """The metric to show.

    Args:
        logged: stat keys that the runs logged.
        asked: what the user named (key or alias); None: the win rate where there is one, else
            the return, else the first other test statistic by name.

    Raises:
        ResultError: ``asked`` was logged by no run; names near ones and the test statistics.
    """
    if asked is None:
        tests = sorted(k for k in logged if k.startswith("test_") and k not in DEFAULTS)
        found = [k for k in (*DEFAULTS, *tests) if k in logged]
        return metric_of(found[0] if found else WIN_RATE)
    key = asked if asked in logged else ALIASES.get(asked, asked)
    if key in logged or not logged:  # nothing to show yet: the figure will say so
        return metric_of(key)
    hint = did_you_mean(asked, [*logged, *(a for a, k in ALIASES.items() if k in logged)])
    shown = sorted(logged, key=lambda k: (not k.startswith("test_"), k))
    more = f" and {len(shown) - 12} more" if len(shown) > 12 else ""
    names = ", ".join(shown[:12]) or "nothing"
    raise ResultError(f"--metric {asked}: no run logged it; logged: {names}{more}{hint}")
