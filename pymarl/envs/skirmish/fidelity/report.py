"""The comparison as text, Markdown and JSON."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from pymarl.envs.skirmish.fidelity.comparison import (
    CLOSE_POINTS,
    FAR,
    MapComparison,
    Summary,
    summarize,
    z_score,
)
from pymarl.envs.skirmish.fidelity.game_numbers import Estimate
from pymarl.errors import EnvError
from pymarl.utils.atomic import write_text

HEADER: Final = (
    "map",
    "random steps: here",
    "game",
    "z",
    "paper",
    "z",
    "heuristic %: here",
    "game",
    "off",
    "naive return: here",
    "game, early",
    "z",
)
BEGIN: Final = "<!-- begin: python -m pymarl.envs.skirmish fidelity -->"
END: Final = "<!-- end: fidelity -->"


def cells(row: MapComparison) -> list[str]:
    """Return a map's cells under ``HEADER``; a dash where the game's number is not known."""
    off = row.heuristic_won.mean - row.game_heuristic.mean if row.game_heuristic else None
    ends = row.early_range
    return [
        row.map,
        _estimate(row.random_length),
        _estimate(row.game_length),
        _signed(z_score(row.random_length, row.game_length)),
        _estimate(row.paper_length),
        _signed(z_score(row.random_length, row.paper_length)),
        _estimate(row.heuristic_won),
        _estimate(row.game_heuristic),
        "-" if off is None else f"{off:+.0f}",
        _estimate(row.naive_return, 2),
        f"{_estimate(ends[0])} to {_estimate(ends[1])}" if ends else "-",
        _signed(row.early_z),
    ]


def summary_line(summary: Summary) -> str:
    """Return the summary as one line."""
    s = summary
    return (
        f"random-play length: rms relative error {_percent(s.length_rms)} over {s.length_maps} "
        f"maps (|z| > {FAR:.0f} on {len(s.far_maps)}), {_percent(s.paper_rms)} over the paper's "
        f"{s.paper_maps} (|z| > {FAR:.0f} on {len(s.paper_far_maps)}); heuristic within "
        f"{CLOSE_POINTS:.0f} points on {s.heuristic_close} of {s.heuristic_maps}; naive return "
        f"inside the game's range on {s.early_inside} of {s.early_maps}"
    )


def to_text(rows: Sequence[MapComparison]) -> str:
    """Return an aligned table and the summary line."""
    table = [list(HEADER), *(cells(row) for row in rows)]
    widths = [max(len(line[k]) for line in table) for k in range(len(HEADER))]
    lines = [
        "  ".join(
            [
                line[0].ljust(widths[0]),
                *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True)),
            ]
        )
        for line in table
    ]
    return "\n".join([*lines, summary_line(summarize(rows))]) + "\n"


def to_markdown(rows: Sequence[MapComparison], seed: int) -> str:
    """Return the table, the summary and what was measured as Markdown."""
    episodes = rows[0].episodes if rows else 0
    lines = [
        "| " + " | ".join(HEADER) + " |",
        "|---" * len(HEADER) + "|",
        *("| " + " | ".join(cells(row)) + " |" for row in rows),
        "",
        f"{episodes} episodes a map and policy, seed {seed}. In one line: "
        f"{summary_line(summarize(rows))}.",
    ]
    return "\n".join(lines) + "\n"


def to_json(row: MapComparison) -> str:
    """Return a map's numbers as one JSON object, z-scores and difference of win rates included."""
    tree = asdict(row)
    tree["z"] = {
        "game_length": z_score(row.random_length, row.game_length),
        "paper_length": z_score(row.random_length, row.paper_length),
        "heuristic": z_score(row.heuristic_won, row.game_heuristic),
        "early_return": row.early_z,
    }
    return json.dumps(tree)


def summary_json(summary: Summary, seed: int) -> str:
    """Return the summary as one JSON object; null for an error over no map."""
    values: dict[str, Any] = {
        key: None if isinstance(value, float) and math.isnan(value) else value
        for key, value in asdict(summary).items()
    }
    return json.dumps({"summary": {"seed": seed, **values}})


def write_between_markers(path: Path, markdown: str) -> None:
    """Replace what a file has between the lines ``BEGIN`` and ``END``.

    Raises:
        EnvError: the file cannot be read, or does not hold each line once, in this order.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EnvError(f"--into {path}: cannot be read: {error}") from error
    if not (text.count(BEGIN) == text.count(END) == 1 and text.index(BEGIN) < text.index(END)):
        raise EnvError(f"--into {path}: expected one line {BEGIN!r} and, below, one line {END!r}")
    between = re.compile(re.escape(BEGIN) + ".*" + re.escape(END), re.DOTALL)
    write_text(path, between.sub(lambda _: f"{BEGIN}\n{markdown}{END}", text))


def _estimate(value: Estimate | None, digits: int = 1) -> str:
    """Return mean ± error, without ± where the error is not known."""
    if value is None:
        return "-"
    if value.se is None:
        return f"{value.mean:.{digits}f}"
    return f"{value.mean:.{digits}f} ± {value.se:.{digits}f}"


def _signed(z: float | None) -> str:
    """Return a z-score; a dash where there is none."""
    return "-" if z is None else f"{z:+.1f}" if z else "0"


def _percent(share: float) -> str:
    """Return a share in percent; a dash over no map."""
    return "-" if math.isnan(share) else f"{100 * share:.1f} %"
