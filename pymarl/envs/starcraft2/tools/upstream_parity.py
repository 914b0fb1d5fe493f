"""This project's environment and upstream's on the same game: are all numbers the same?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.multiagentenv import MultiAgentEnv
from pymarl.envs.smac.rules.actions import FIRST_TARGET
from pymarl.envs.smac.rules.seeds import SeedStream

COMPARED_OPTIONS: dict[str, Any] = {
    "obs_last_action": True,
    "obs_pathing_grid": True,
    "obs_terrain_height": True,
    "state_timestep_number": True,
}
"""Options under which the two environments show as much as they can.

``obs_timestep_number`` is left out: there upstream's observations are one entry longer than
declared.
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing that is not the same.

    Attributes:
        episode: its number, from 0. step: of the episode; 0 is the reset.
        quantity: observation, state, availability, reward, terminated, or info.
        position: index in the array, or key of the info.
        ours: our value. upstream: upstream's.
    """

    episode: int
    step: int
    quantity: str
    position: str
    ours: Any
    upstream: Any

    def __str__(self) -> str:
        """Return it as one line."""
        place = (
            f"episode {self.episode}, step {self.step}: {self.quantity} {self.position}".rstrip()
        )
        return f"{place}: ours {self.ours!r}, upstream's {self.upstream!r}"


@dataclass(slots=True)
class ParityReport:
    """What was compared.

    Attributes:
        episodes: compared in full. steps: compared. numbers: compared, of observations, states,
            availability, rewards and infos.
        skipped: episodes that upstream began in the middle, see ``compare``.
        difference: the first one, or None.
    """

    episodes: int = 0
    steps: int = 0
    numbers: int = 0
    skipped: int = 0
    difference: Difference | None = None


def compare(
    ours: MultiAgentEnv, upstream: MultiAgentEnv, episodes: int, seed: int, *, reseed: bool
) -> ParityReport:
    """Play the same random available actions in both and compare everything, bit for bit.

    After a battle in which both sides died in one step, the map has begun the next one by itself,
    and upstream's next episode starts a few game loops into it; ours starts at its beginning. Such
    an episode is played without being compared.

    Args:
        ours: made with ``seed``.
        upstream: made with ``seed``.
        episodes: to play.
        seed: of the games, and of the actions.
        reseed: give ours the seeds that the stand-in has for upstream's battles; the game itself
            plays both from the seed it was created with.

    Raises:
        EnvError: a game was lost.
    """
    result, stream, rng = ParityReport(), SeedStream(seed), np.random.default_rng(seed)
    starts_midway = False
    for episode in range(episodes):
        upstream.reset()
        ours.reset(stream.next() if reseed else seed)
        comparison = _EpisodeComparison(ours, upstream, result, episode, compares=not starts_midway)
        last = comparison.play(rng)
        if result.difference:
            break
        if starts_midway:
            result.skipped += 1
        else:
            result.episodes += 1
        gone = last.get("dead_allies"), last.get("dead_enemies")
        starts_midway = gone == (ours.n_agents, ours.get_total_actions() - FIRST_TARGET)
    return result


class _EpisodeComparison:
    """One episode in both environments."""

    def __init__(
        self,
        ours: MultiAgentEnv,
        upstream: MultiAgentEnv,
        result: ParityReport,
        episode: int,
        *,
        compares: bool,
    ) -> None:
        self.ours, self.upstream, self.result = ours, upstream, result
        self.episode, self.compares = episode, compares
        self.step = 0

    def play(self, rng: np.random.Generator) -> dict[str, Any]:
        """Play to the end, or to the first difference; return the last info of ours."""
        if not self.compares:
            _play_to_end(self.upstream, rng)
            return _play_to_end(self.ours, rng)
        over = False
        info: dict[str, Any] = {}
        while self._compare_sight() and not over:
            actions = _random_actions(self.ours, rng)
            mine, theirs = self.ours.step(list(actions)), self.upstream.step(list(actions))
            self.step += 1
            self.result.steps += 1
            over, info = mine[1], mine[2]
            if not self._compare_step(mine, theirs):
                break
        return info

    def _compare_sight(self) -> bool:
        """Compare observations, state and availability."""
        return (
            self._compare_arrays(
                "observation", self.ours.obs_array(), np.stack(self.upstream.get_obs())
            )
            and self._compare_arrays("state", self.ours.get_state(), self.upstream.get_state())
            and self._compare_arrays(
                "availability",
                np.asarray(self.ours.avail_array()),
                np.asarray(self.upstream.get_avail_actions()),
            )
        )

    def _compare_arrays(self, quantity: str, ours: NDArray[Any], upstream: NDArray[Any]) -> bool:
        """Compare two arrays."""
        self.result.numbers += ours.size
        if ours.shape != upstream.shape:
            return self._record_difference(quantity, "shape", ours.shape, upstream.shape)
        indices = np.argwhere(ours != upstream)
        if not len(indices):
            return True
        at = tuple(indices[0].tolist())
        return self._record_difference(
            quantity, str(list(at)), ours[at].item(), upstream[at].item()
        )

    def _compare_step(self, ours: Any, upstream: Any) -> bool:
        """Compare reward, end and every entry of upstream's info; ours has more."""
        self.result.numbers += 2 + len(upstream[2])
        for k, quantity in enumerate(("reward", "terminated")):
            if ours[k] != upstream[k]:
                return self._record_difference(quantity, "", ours[k], upstream[k])
        for key, value in upstream[2].items():
            if ours[2].get(key) != value:
                return self._record_difference("info", key, ours[2].get(key), value)
        return True

    def _record_difference(self, quantity: str, position: str, ours: Any, upstream: Any) -> bool:
        """Record a difference; return False."""
        self.result.difference = Difference(
            self.episode, self.step, quantity, position, ours, upstream
        )
        return False


def _random_actions(env: MultiAgentEnv, rng: np.random.Generator) -> list[int]:
    """Return one random available action per agent."""
    return [int(rng.choice(np.flatnonzero(row))) for row in np.asarray(env.avail_array())]


def _play_to_end(env: MultiAgentEnv, rng: np.random.Generator) -> dict[str, Any]:
    """Play to the end and return the last info."""
    over = False
    info: dict[str, Any] = {}
    while not over:
        _, over, info = env.step(_random_actions(env, rng))
    return info
