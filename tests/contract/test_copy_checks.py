"""Each check of copies fails on an environment that breaks its promise."""

import copy

import pytest

from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.smac.rules.seeds import SeedStream
from pymarl.errors import EnvError
from tests.contract import copy_checks as checks

FAST = {"map_name": "3m", "seed": 5}


class Right(SkirmishEnv):
    """The base of the broken ones, which is right."""

    def __init__(self) -> None:
        super().__init__(**FAST)


class ForgetsItsSeeds(Right):
    def __setstate__(self, state):
        super().__setstate__(state)
        self.vector._streams = [SeedStream(0)]


class ForgetsItsLuck(Right):
    def __setstate__(self, state):
        super().__setstate__(state)
        self.vector.state.random_streams[:] = 1


class ForgetsItsCounters(Right):
    def __setstate__(self, state):
        super().__setstate__(state)
        self.battles.counts[:] = 0


class SharesItsState(Right):
    def __deepcopy__(self, memo):
        return copy.copy(self)


class SharesItsObservations(Right):
    def __deepcopy__(self, memo):
        memo[id(self)] = twin = copy.copy(self)
        twin.vector = copy.deepcopy(self.vector, memo)
        return twin


class KeepsViews(Right):
    def get_snapshot(self):
        return self.vector.get_snapshot().__class__(
            self.vector.made_with(), self.vector._moving(), (self.vector._streams[0].state,)
        )


class ForgetsTheStream(Right):
    def set_snapshot(self, snapshot):
        stream = self.vector._streams[0].state
        super().set_snapshot(snapshot)
        self.vector._streams[0].state = stream


class KeepsItsUnits(Right):
    def set_snapshot(self, snapshot):
        units = self.vector.state.units.copy()
        super().set_snapshot(snapshot)
        self.vector.state.units[:] = units


BROKEN = [
    (checks.check_same_future, ForgetsItsSeeds),
    (checks.check_same_future, ForgetsItsLuck),
    (checks.check_same_future, ForgetsItsCounters),
    (checks.check_same_future, SharesItsState),
    (checks.check_independence, SharesItsState),
    (checks.check_independence, SharesItsObservations),
    (checks.check_before_the_first_reset, ForgetsItsSeeds),
    (checks.check_snapshots, KeepsViews),
    (checks.check_snapshots, ForgetsTheStream),
    (checks.check_snapshots, KeepsItsUnits),
]


@pytest.mark.parametrize(
    ("check", "broken"), BROKEN, ids=[f"{c.__name__}-{b.__name__}" for c, b in BROKEN]
)
def test_a_check_notices(check, broken):
    how = () if check is checks.check_snapshots else (copy.deepcopy,)
    check(Right, *how)
    with pytest.raises((AssertionError, EnvError)):
        check(broken, *how)
