"""Durations for people."""

import pytest

from pymarl.utils.timehelper import time_str


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59.9, "59s"), (61, "1m 1s"), (3700, "1h 1m"), (90061, "1d 1h"), (-5, "0s")],
)
def test_durations(seconds, text):
    assert time_str(seconds) == text
