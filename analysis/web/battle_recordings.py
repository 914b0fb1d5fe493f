"""Recorded battles (``pymarl-battle`` version 1): validation and a compact form for the viewer.

The form is documented in docs/pipeline/analysis.md, "Battles". All lists over units follow
``units``.
"""

import math
from pathlib import Path
from typing import Any

from analysis.dataset.files import check_format, read_object
from analysis.dataset.json_values import positive
from analysis.dataset.labels import FIRST_ENGINE, SIMULATED, backend_label, clean_label
from analysis.errors import ResultError

MAX_FRAMES = 5000
MAX_UNITS = 400
MAX_FILE = 20_000_000
MAX_SIDE = 1024
LOOPS_PER_S = 22.4  # StarCraft II's game loops per second at speed "faster"
STEP_MUL = 8  # game loops per environment step in SMAC
COORDINATE = 50  # stored as whole 1/50 of a map cell


def parse_numbers(value: Any, count: int, where: str) -> list[float]:
    """A list of ``count`` finite numbers of at most 1e6."""
    if not isinstance(value, list) or len(value) != count:
        raise ResultError(f"{where}: expected a list of {count} numbers, got {str(value)[:40]}")
    for v in value:
        if not isinstance(v, int | float) or not math.isfinite(v) or abs(v) > 1e6:
            raise ResultError(f"{where}: not a usable number: {str(v)[:20]}; expected -1e6 to 1e6")
    return [float(v) for v in value]


def load_battle(path: Path) -> dict[str, Any]:
    """Read, check and compact one battle.

    Returns:
        ``{map, size, rows, clock, fps, backend_label, engine_version, alg, seed, t_env, units,
        frames, actions, names, attacks, result}`` with frames as
        ``[step, x, y, health, shield, alive]``, whole numbers; ``fps`` is the number of frames per
        second of game time.

    Raises:
        ResultError: saying which part is wrong.
    """
    data = read_object(path, MAX_FILE)
    check_format(data, path.name, "pymarl-battle")
    entries = parse_list(data.get("units"), "units", MAX_UNITS)
    units = [parse_unit(entry, i) for i, entry in enumerate(entries)]
    frames = parse_list(data.get("frames"), "frames", MAX_FRAMES)
    if not units or not frames:
        raise ResultError(f"{path.name}: no units or no frames; expected at least one of each")
    result = data.get("result")
    names = parse_list(data.get("action_names") or [], "action_names", 1000)
    compact = [parse_frame(f, i, len(units)) for i, f in enumerate(frames)]
    backend = clean_label(data.get("backend"))
    engine = engine_version(data, backend)
    in_loops = isinstance(frames[0], dict) and "loop" in frames[0]
    gap = compact[1][0] - compact[0][0] if len(compact) > 1 else 0
    return {
        **parse_map(data.get("map")),
        "clock": "loop" if in_loops else "step",
        "fps": round(LOOPS_PER_S / gap, 3) if in_loops and gap > 0 else LOOPS_PER_S / STEP_MUL,
        "backend_label": backend_label(backend, None, [engine] if engine else []),
        "engine_version": engine,
        "alg": clean_label(data.get("alg"), ""),
        "seed": clean_label(data.get("seed"), ""),
        "t_env": clean_label(data.get("t_env"), ""),
        "units": units,
        "frames": compact,
        "actions": parse_actions(data.get("actions")),
        "names": [clean_label(name) for name in names],
        "attacks": parse_attacks(data.get("attacks"), len(frames), len(units)),
        "result": {
            clean_label(k): clean_label(v)
            for k, v in (list(result.items())[:20] if isinstance(result, dict) else [])
        },
    }


def engine_version(data: dict[str, Any], backend: str) -> int | None:
    """Version of the simulator's engine that played the battle; None for other backends.

    Files from before the version was recorded are of the first one.
    """
    told = data.get("engine_version")
    if backend not in SIMULATED:
        return None
    if told is not None and positive(told) is None:
        raise ResultError(f"engine_version: expected a whole number above 0, got {str(told)[:40]}")
    return positive(told) or FIRST_ENGINE


def parse_list(value: Any, where: str, max_length: int) -> list[Any]:
    """A list of at most ``max_length`` entries."""
    if not isinstance(value, list) or len(value) > max_length:
        raise ResultError(f"{where}: expected a list of at most {max_length} entries")
    return value


def parse_map(value: Any) -> dict[str, Any]:
    """Map name, size and the optional pathing rows (row 0 is y = 0; '1' can be walked on)."""
    if not isinstance(value, dict):
        raise ResultError("map: expected an object")
    width, height = parse_numbers(value.get("size"), 2, "map.size")
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise ResultError(f"map.size: {width:g} x {height:g} is outside 0..{MAX_SIDE}")
    rows = parse_list(value.get("pathing_rows") or [], "map.pathing_rows", MAX_SIDE)
    for row in rows:
        if not isinstance(row, str) or len(row) > MAX_SIDE or set(row) - {"0", "1"}:
            raise ResultError(f"map.pathing_rows: expected strings of 0 and 1, got {str(row)[:40]}")
    return {"map": clean_label(value.get("name")), "size": [width, height], "rows": rows}


def parse_unit(value: Any, index: int) -> list[Any]:
    """``[side, type, radius, health_max, shield_max]``; side 0 allies, 1 enemies."""
    if not isinstance(value, dict):
        raise ResultError(f"units[{index}]: expected an object")
    sides = {"ally": 0, "enemy": 1, 0: 0, 1: 1}
    side = value.get("side")
    if not isinstance(side, str | int) or side not in sides:
        raise ResultError(f"units[{index}].side: expected 'ally' or 'enemy', got {str(side)[:40]}")
    keys = ("radius", "health_max", "shield_max")
    sizes = parse_numbers([value.get(k, 0) for k in keys], 3, f"units[{index}]")
    return [sides[side], clean_label(value.get("type")), *sizes]


def parse_frame(value: Any, index: int, count: int) -> list[Any]:
    """``[step, x, y, health, shield, alive]`` in whole numbers."""
    if not isinstance(value, dict):
        raise ResultError(f"frames[{index}]: expected an object")
    step = value.get("step", value.get("loop", index))
    out: list[Any] = [int(step) if isinstance(step, int) and abs(step) < 10**9 else index]
    for key, scale in (("x", COORDINATE), ("y", COORDINATE), ("health", 10), ("shield", 10)):
        values = parse_numbers(value.get(key), count, f"frames[{index}].{key}")
        out.append([round(v * scale) for v in values])
    alive = value.get("alive")
    if not isinstance(alive, list) or len(alive) != count:
        raise ResultError(f"frames[{index}].alive: expected a list of {count}")
    out.append("".join("1" if a else "0" for a in alive))
    return out


def parse_actions(value: Any) -> list[list[int]]:
    """Actions per step and agent; empty when not recorded."""
    out = []
    for step in parse_list(value or [], "actions", MAX_FRAMES):
        row = parse_list(step, "actions", MAX_UNITS)
        out.append([int(a) if isinstance(a, int) and 0 <= a < 10_000 else -1 for a in row])
    return out


def parse_attacks(value: Any, frames: int, units: int) -> list[list[list[int]]]:
    """``[from, to]`` unit indices per frame; pairs that name no unit are dropped."""
    out = []
    for pairs in parse_list(value or [], "attacks", frames):
        out.append(
            [
                [p[0], p[1]]
                for p in parse_list(pairs, "attacks", 10_000)
                if isinstance(p, list)
                and len(p) == 2
                and all(isinstance(i, int) and 0 <= i < units for i in p)
            ]
        )
    return out
