"""The game's grids become the grids of SMAC's features."""

import types

import numpy as np
import pytest

from pymarl.envs.smac.maps.map_spec import load_map
from pymarl.envs.starcraft2.translation import map_grids
from pymarl.errors import EnvError


def image(bits, width, height, data):
    return types.SimpleNamespace(
        bits_per_pixel=bits, size=types.SimpleNamespace(x=width, y=height), data=data
    )


@pytest.mark.parametrize("name", ["corridor", "2c_vs_64zg", "MarineMicro_MvsM_4"])
def test_grids_are_those_of_the_map(name):
    ground = load_map(name).terrain
    cells = ground.pathing.astype(np.uint8)
    size = ground.width, ground.height
    one = image(1, *size, np.packbits(cells).tobytes())
    assert np.array_equal(map_grids.pathing(one), ground.pathing.T)
    old = image(8, *size, np.where(np.flip(cells, 0), 0, 255).astype(np.uint8).tobytes())
    assert np.array_equal(map_grids.pathing(old), ground.pathing.T)
    high = image(8, *size, ground.height_bytes().tobytes())
    assert np.array_equal(map_grids.heights(high), ground.smac_heights())


def test_maps_need_not_be_square():
    cells = np.arange(5 * 3).reshape(3, 5) % 2
    one = image(1, 5, 3, np.packbits(cells.astype(np.uint8)).tobytes())
    assert np.array_equal(map_grids.pathing(one), cells.T)
    with pytest.raises(EnvError, match="pathing grid has 16 cells, expected 20"):
        map_grids.pathing(image(1, 5, 4, b"\0\0"))
