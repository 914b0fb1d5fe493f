"""One map's numbers here beside the game's, and the summary over maps."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.fidelity.game_numbers import Estimate, Estimates, GameNumbers
from pymarl.envs.skirmish.tools.play import play

FAR = 3.0
"""A map is far from the game when |z| is above this."""
CLOSE_POINTS = 15.0
"""A win rate is close to the game's when it is not further away than this."""


@dataclass(frozen=True, slots=True)
class MapComparison:
    """One map: mean and standard error over episodes here, and the game's numbers if there are any.

    Attributes:
        random_length: environment steps of random play. game_length, paper_length: the game's.
        heuristic_won: percent, of SMAC's scripted agents. game_heuristic: the game's.
        naive_return: of agents that shoot the nearest enemy they can (``heuristic_rest``).
        game_early: the game's test return early in training, by algorithm; empty: unknown.
    """

    map: str
    episodes: int
    random_length: Estimate
    game_length: Estimate | None
    paper_length: Estimate | None
    heuristic_won: Estimate
    game_heuristic: Estimate | None
    naive_return: Estimate
    game_early: Estimates

    @property
    def early_range(self) -> tuple[Estimate, Estimate] | None:
        """Return the smallest and the largest early return of the game's algorithms."""
        found = sorted(self.game_early.values(), key=lambda estimate: estimate.mean)
        return (found[0], found[-1]) if found else None

    @property
    def early_z(self) -> float | None:
        """Return z against the nearer end of ``early_range``; 0 inside."""
        if self.early_range is None:
            return None
        low, high = self.early_range
        if low.mean <= self.naive_return.mean <= high.mean:
            return 0.0
        return z_score(self.naive_return, low if self.naive_return.mean < low.mean else high)


@dataclass(frozen=True, slots=True)
class Summary:
    """All maps in a few numbers.

    Attributes:
        length_rms, paper_rms: root mean square of (here - game) / game of random play's lengths
            over ``length_maps`` and ``paper_maps`` maps; NaN over none.
        far_maps, paper_far_maps: maps whose |z| is above ``FAR``.
        heuristic_close: maps with a win rate within ``CLOSE_POINTS`` of the game's, of
            ``heuristic_maps``.
        early_inside: maps whose naive return is inside the game's range, of ``early_maps``.
    """

    length_rms: float
    length_maps: int
    far_maps: list[str]
    paper_rms: float
    paper_maps: int
    paper_far_maps: list[str]
    heuristic_close: int
    heuristic_maps: int
    early_inside: int
    early_maps: int


def z_score(here: Estimate, game: Estimate | None) -> float | None:
    """Return (here - game) / sqrt(se_here^2 + se_game^2); None where an error is not known."""
    if game is None or game.se is None or here.se is None:
        return None
    error = math.hypot(here.se, game.se)
    return (here.mean - game.mean) / error if error else None


def estimate(values: NDArray[np.float64]) -> Estimate:
    """Return mean and standard error of independent values; the error of one value is unknown."""
    n = len(values)
    se = float(values.std(ddof=1)) / math.sqrt(n) if n > 1 else None
    return Estimate(float(values.mean()), se)


def compare_maps(
    maps: Sequence[str], game: GameNumbers, episodes: int, seed: int
) -> Iterator[MapComparison]:
    """Yield the comparison of each map: ``episodes`` episodes of each of the three policies.

    The same arguments give the same numbers on every machine.
    """
    for name in maps:
        yield MapComparison(
            map=name,
            episodes=episodes,
            random_length=estimate(play(name, "random", episodes, seed).length),
            game_length=game.random_length.get(name),
            paper_length=game.random_length_paper.get(name),
            heuristic_won=estimate(100 * play(name, "heuristic", episodes, seed).won),
            game_heuristic=game.heuristic_won.get(name),
            naive_return=estimate(play(name, "heuristic_rest", episodes, seed).returns),
            game_early=game.early_return.get(name, {}),
        )


def summarize(rows: Iterable[MapComparison]) -> Summary:
    """Return the summary of some maps."""
    rows = list(rows)
    lengths = [(r.map, r.random_length, r.game_length) for r in rows if r.game_length]
    paper = [(r.map, r.random_length, r.paper_length) for r in rows if r.paper_length]
    won = [(r.heuristic_won, r.game_heuristic) for r in rows if r.game_heuristic]
    early = [r for r in rows if r.early_range]
    return Summary(
        length_rms=_rms([(here, there) for _, here, there in lengths]),
        length_maps=len(lengths),
        far_maps=[name for name, here, there in lengths if abs(z_score(here, there) or 0) > FAR],
        paper_rms=_rms([(here, there) for _, here, there in paper]),
        paper_maps=len(paper),
        paper_far_maps=[
            name for name, here, there in paper if abs(z_score(here, there) or 0) > FAR
        ],
        heuristic_close=sum(abs(here.mean - there.mean) <= CLOSE_POINTS for here, there in won),
        heuristic_maps=len(won),
        early_inside=sum(r.early_z == 0 for r in early),
        early_maps=len(early),
    )


def _rms(pairs: Sequence[tuple[Estimate, Estimate]]) -> float:
    """Return the root mean square relative error of (here, game) pairs."""
    if not pairs:
        return math.nan
    errors = [(here.mean - there.mean) / there.mean for here, there in pairs]
    return math.sqrt(sum(e * e for e in errors) / len(errors))
