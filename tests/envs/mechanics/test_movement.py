"""How far units get."""

import pytest

from pymarl.envs.skirmish.maps.unit_data import UNITS
from tests.envs.arena import Arena


@pytest.mark.parametrize(
    "name", ["marine", "stalker", "zealot", "zergling", "hydralisk", "colossus"]
)
def test_speed_per_environment_step(name):
    a = Arena([(name, 8, 8)], [("spine_crawler", 30, 30)], step_mul=8)
    x = a.at(0)[0]
    a.loops(1, [4])
    assert a.at(0)[0] - x == pytest.approx(UNITS[name].speed / 2)


def test_a_medivac_accelerates_and_glides_to_a_halt():
    a = Arena([("medivac", 8, 8)], [("marine", 30, 30)])
    steps = []
    for _ in range(25):
        x = a.at(0)[0]
        a.loops(1, [4])
        steps.append(a.at(0)[0] - x)
    accel = 2.3125 / 256
    assert steps[:3] == pytest.approx([accel, 2 * accel, 3 * accel])
    assert max(steps) <= 2.75 / 16 + 1e-12
    x = a.at(0)[0]
    a.loops(1)
    assert a.at(0)[0] - x == pytest.approx(steps[-1] - accel)
