"""An environment that loses episodes; worker processes import it by its path."""

from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.errors import EpisodeLostError


class Shaky(SkirmishEnv):
    """Loses the episodes with even seeds, after 14 to 18 steps."""

    def step(self, actions):
        out = super().step(actions)
        seed = self.episode_seed
        if seed % 2 == 0 and len(self._orders) == 14 + seed % 5:
            raise EpisodeLostError("the game is gone")
        return out


class Hopeless(Shaky):
    """Loses every episode at its first step."""

    def step(self, actions):
        super().step(actions)
        raise EpisodeLostError("the game is gone")
