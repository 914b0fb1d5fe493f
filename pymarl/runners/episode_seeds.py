"""Which environment seed an episode of a run has."""

from pymarl.components import seeding


class EpisodeSeeds:
    """Environment seeds of training and test episodes, by their numbers.

    Held-out test episodes (``held_out_tests``) are one list for all runs, played in turn. Training
    that draws the seed of one of them draws again: no agent has trained on the teams, places and
    luck that it is tested on.

    Args:
        seed: of the run.
        held_out_tests: how many held-out test episodes there are; 0: tests draw their own seeds.

    Attributes:
        held_out: their seeds.
    """

    def __init__(self, seed: int, held_out_tests: int) -> None:
        self.seed = seed
        self.held_out = seeding.held_out_seeds(held_out_tests)
        self._forbidden = set(self.held_out)

    def of(self, number: int, test_mode: bool) -> int:
        """Return the seed of training or test episode ``number``."""
        if test_mode and self.held_out:
            return self.held_out[number % len(self.held_out)]
        stream = seeding.ENV_TEST if test_mode else seeding.ENV_TRAIN
        return self._allowed(seeding.episode_seed(self.seed, stream, number))

    def again(self, seed: int, attempt: int, test_mode: bool) -> int:
        """Return the seed for an episode that was void; a held-out one stays the one it is."""
        if test_mode and self.held_out:
            return seed
        return self._allowed(seeding.episode_seed(seed, seeding.ENV_RETRY, attempt))

    def _allowed(self, seed: int) -> int:
        """Return ``seed``, or another one where it is that of a held-out test episode."""
        while seed in self._forbidden:
            seed = seeding.episode_seed(seed, seeding.ENV_RETRY, 0)
        return seed
