"""Each check of a batched environment fails on one that breaks its promise."""

from typing import Any

import pytest

from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from tests.contract import broken_envs
from tests.contract import vector_checks as checks

BROKEN = [
    ("sizes_and_types", broken_envs.WideObservations),
    ("sizes_and_types", broken_envs.OpenActions),
    ("sizes_and_types", broken_envs.TextInfo),
    ("sizes_and_types", broken_envs.NoNames),
    ("batch_does_not_matter", broken_envs.RewardByPlace),
    ("batch_does_not_matter", broken_envs.SeedsOfTheFirst),
    ("episodes_are_the_singles", broken_envs.HalfReward),
    ("episodes_are_the_singles", broken_envs.ForgetfulInfo),
    ("masks", broken_envs.StepsAll),
    ("masks", broken_envs.ResetsAll),
    ("the_callers_arrays_are_written", broken_envs.OwnArrays),
    ("the_callers_arrays_are_written", broken_envs.FirstArrays),
    ("unavailable_actions_are_refused", broken_envs.ChecksNothing),
    ("unavailable_actions_are_refused", broken_envs.StepsBeforeItChecks),
    ("steps_after_the_end_are_refused", broken_envs.GoesOnAfterTheEnd),
    ("counters_are_those_of_the_singles", broken_envs.CountsTheFirst),
    ("the_observer_rebuilds_what_was_shown", broken_envs.LateUnits),
]
WITH_SINGLE = ("sizes_and_types", "episodes_are_the_singles", "counters_are_those_of_the_singles")


def run_check(name: str, make: Any) -> None:
    singles = [lambda: SkirmishEnv(map_name="3m", seed=5)] if name in WITH_SINGLE else []
    getattr(checks, f"check_{name}")(make, *singles)


@pytest.mark.parametrize(
    ("name", "broken"), BROKEN, ids=[f"{name}-{broken.__name__}" for name, broken in BROKEN]
)
def test_a_check_notices(name, broken):
    run_check(name, broken_envs.Broken)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        run_check(name, broken)
