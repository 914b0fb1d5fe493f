"""The current situation of a battle as text or as a picture."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.replays.export import draw_table
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.rules.unit_table import UnitTable
from pymarl.errors import EnvError

MODES = ("human", "ansi", "rgb_array")
"""What ``render`` can give: text on standard output, text, or a picture."""


def check_mode(mode: str) -> str:
    """Return ``mode``.

    Raises:
        EnvError: it is none of ``MODES``.
    """
    if mode not in MODES:
        raise EnvError(f"render: mode {mode!r} is unknown; choose one of {', '.join(MODES)}")
    return mode


def text_frame(spec: MapSpec, names: Sequence[str], n_agents: int, table: UnitTable) -> str:
    """Return the playable area north up, one character per cell, and a line per living unit.

    Agents are digits and small letters by their number (0-9, then a-z), enemies ``E``; ``.`` can
    be walked on, ``^`` by cliff walkers only.

    Args:
        spec: the map.
        names: unit types, agents first.
        n_agents: N.
        table: unit table (U,).
    """
    t = spec.terrain
    cells = np.where(t.pathing, ".", np.where(t.cliff, "^", "#")).astype("<U1")
    lines = []
    for i in reversed(range(len(names))):
        x, y, health, shield = (float(table[name][i]) for name in ("x", "y", "health", "shield"))
        if health <= 0:
            continue
        mark = "0123456789abcdefghijklmnopqrstuvwxyz"[i % 36] if i < n_agents else "E"
        cells[min(int(y), t.height - 1), min(int(x), t.width - 1)] = mark
        who = f"agent {i}" if i < n_agents else f"enemy {i - n_agents}"
        lines.append(f"{who} {names[i]} ({x:.1f}, {y:.1f}) health {health:g} shield {shield:g}")
    x0, y0, x1, y1 = (int(bound) for bound in t.playable)
    rows = ["".join(row) for row in cells[y0:y1, x0:x1][::-1]]
    return "\n".join([*rows, *reversed(lines)])


def picture(
    spec: MapSpec, names: Sequence[str], n_agents: int, table: UnitTable
) -> NDArray[np.uint8]:
    """Return the playable area as uint8 (height, width, 3), north up, 16 pixels per cell.

    Raises:
        EnvError: Pillow is not installed.
    """
    x0, y0, x1, y1 = spec.terrain.playable
    box = int(x0), int(y0), int(x1), int(y1)
    return np.asarray(draw_table(spec, names, n_agents, table, box))
