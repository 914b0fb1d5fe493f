"""The balance table: win rate and mean length of fixed policies on every map."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pymarl.envs.skirmish.tools.play import play
from pymarl.envs.smac.maps.map_spec import load_map


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
    played = play(map_name, policy, episodes, map_file=map_file)
    name = load_map(map_name, map_file).name
    return Balance(
        map=name,
        policy=policy,
        episodes=episodes,
        win_rate=float(played.won.mean()),
        timeout_rate=float(played.timed_out.mean()),
        length=float(played.length.mean()),
        dead_allies=float(played.dead_allies.mean()),
        dead_enemies=float(played.dead_enemies.mean()),
        return_mean=float(played.returns.mean()),
    )


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
