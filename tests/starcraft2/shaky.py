"""An environment that loses episodes; worker processes import it by its path."""

from pymarl.envs.skirmish.env import SkirmishEnv
from pymarl.errors import EpisodeLostError


class Shaky(SkirmishEnv):
    """Loses the episodes with even seeds, after 3 to 7 steps."""

    def step(self, actions):
        out = super().step(actions)
        seed = self.episode_seed
        if seed % 2 == 0 and len(self._orders) == 3 + seed % 5:
            raise EpisodeLostError("the game is gone")
        return out
