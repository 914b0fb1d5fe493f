"""The balance table: win rate and mean length of fixed policies on every map."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pymarl.envs.skirmish.tools.policies import POLICIES, Policy
from pymarl.envs.skirmish.vector_env import VectorSkirmish


@dataclass(frozen=True, slots=True)
class Balance:
    """Outcome of ``episodes`` episodes of one policy on one map.

    Attributes:
        win_rate, timeout_rate: shares of the episodes. length: mean steps.
        dead_allies, dead_enemies: means. return_mean: mean undiscounted return.
    """

    map: str
    policy: str
    episodes: int
    win_rate: float
    timeout_rate: float
    length: float
    dead_allies: float
    dead_enemies: float
    return_mean: float


def measure(map_name: str, policy: str, episodes: int, map_file: str | None = None) -> Balance:
    """Play ``episodes`` episodes, episode seeds 0, 1, 2, ..., and return what happened."""
    batch = min(episodes, 64)
    policy_args: dict[str, Any] = POLICIES[policy]
    env = VectorSkirmish(batch, map_name=map_name, map_file=map_file, step_mul=None, **policy_args)
    actor = Policy(policy, batch, env.n_agents)
    episode = np.arange(batch)
    length, returns = np.zeros(batch), np.zeros(batch)
    rows: list[tuple[float, ...]] = []
    active = np.ones(batch, np.uint8)
    env.reset(seeds=list(range(batch)))
    upcoming = batch
    while active.any():
        out = env.step(actor.act(env.out.avail), mask=active)
        length += active
        returns += out.reward * active
        ended = out.terminated & active
        seeds = np.zeros(batch, np.int64)
        for e in np.flatnonzero(ended):
            info = out.info[e]
            rows.append(
                (
                    episode[e],
                    info.battle_won,
                    info.timeout,
                    length[e],
                    info.dead_allies,
                    info.dead_enemies,
                    returns[e],
                )
            )
            episode[e] = seeds[e] = upcoming
            length[e] = returns[e] = 0
            active[e] = ended[e] = upcoming < episodes
            upcoming += 1
        if ended.any():
            env.reset(ended, seeds.tolist())
    table = np.array(rows, dtype=np.float64)
    mean = table[np.argsort(table[:, 0])].mean(axis=0)
    return Balance(env.map.name, policy, len(rows), *(float(value) for value in mean[1:]))


def balance_table(
    maps: Sequence[str],
    policies: Sequence[str],
    episodes: int,
    progress: Callable[[Balance], None] | None = None,
) -> list[Balance]:
    """Return one row per map and policy; ``progress`` is called with each as it is done."""
    rows = []
    for name in maps:
        for policy in policies:
            rows.append(measure(name, policy, episodes))
            if progress is not None:
                progress(rows[-1])
    return rows


def to_markdown(rows: Sequence[Balance]) -> str:
    """Return the table as Markdown: one line per map, win % and mean length per policy."""
    policies = list(dict.fromkeys(row.policy for row in rows))
    head = "| map | " + " | ".join(f"{name}: win % / steps" for name in policies) + " |"
    lines = [head, "|---" * (len(policies) + 1) + "|"]
    cells = {(row.map, row.policy): row for row in rows}
    for name in dict.fromkeys(row.map for row in rows):
        parts = [_cell(cells.get((name, policy))) for policy in policies]
        lines.append(f"| {name} | " + " | ".join(parts) + " |")
    return "\n".join(lines) + "\n"


def _cell(row: Balance | None) -> str:
    """Return one cell of the table; timeouts are shown when there are any."""
    if row is None:
        return "-"
    late = f" ({100 * row.timeout_rate:.0f} % time out)" if row.timeout_rate else ""
    return f"{100 * row.win_rate:.1f} / {row.length:.0f}{late}"
