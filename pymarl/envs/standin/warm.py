"""Compiling the kernels before the first client waits for them."""

import numpy as np

from pymarl.envs.smac.maps import load_map
from pymarl.envs.standin.battle import Battle


def warm_up() -> None:
    """Play a few loops of a battle: compiled kernels stay on disk for every later process."""
    battle = Battle(load_map("3m"), 0)
    battle.obey(np.zeros((1, 3), np.int64), np.zeros((1, 2)))
    battle.advance(1)
    battle.kill(battle.tags)
    battle.advance(2)
    battle.units()
