"""Replays for people: the battle viewer's JSON, GIF pictures (Pillow), and MP4 (ffmpeg)."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pymarl.envs.skirmish.maps.unit_data import UNITS
from pymarl.envs.skirmish.replays.replay import Replay
from pymarl.envs.smac.maps.map_spec import MapSpec, load_map
from pymarl.envs.smac.rules.actions import FIRST_TARGET, action_names
from pymarl.envs.smac.rules.unit_table import UnitTable
from pymarl.errors import EnvError
from pymarl.utils.atomic import write_text

_SCALE = 16  # pixels per cell
_COLORS = ((66, 133, 244), (219, 68, 55))
_GROUND, _WALL = (236, 234, 226), (120, 116, 108)


def battle_json(replay: Replay, every: int = 8, **labels: Any) -> dict[str, Any]:
    """Return the battle as ``pymarl-battle`` version 1 with a frame every ``every`` game loops.

    Args:
        replay: the recorded episode.
        every: game loops per frame.
        labels: alg, seed, t_env, ... to show beside it.
    """
    h = replay.header
    spec = load_map(h.map, h.map_file)
    order = np.arange(0, len(replay.tables), every)
    return {
        "format": "pymarl-battle",
        "version": 1,
        "backend": "sim",
        "engine_version": h.engine_version,
        **labels,
        "map": {
            "name": h.map,
            "size": [spec.terrain.width, spec.terrain.height],
            "pathing_rows": ["".join("01"[int(c)] for c in row) for row in spec.terrain.pathing],
        },
        "units": [
            {
                "side": "ally" if i < h.agents else "enemy",
                "type": name,
                "radius": UNITS[name].radius,
                "health_max": UNITS[name].health_max,
                "shield_max": UNITS[name].shield_max,
            }
            for i, name in enumerate(h.unit_names)
        ],
        "frames": [_frame(replay, int(loop)) for loop in order],
        "actions": replay.orders.tolist(),
        "action_names": action_names(h.units - h.agents),
        "attacks": [_attacks(replay, int(loop)) for loop in order],
        "result": {
            "battle_won": h.won,
            "timeout": h.timeout,
            "return": round(h.total_reward, 3),
            "steps": h.steps,
        },
    }


def write_battle(replay: Replay, path: Path, every: int = 8, **labels: Any) -> None:
    """Write the battle viewer's JSON to ``path`` atomically."""
    write_text(path, json.dumps(battle_json(replay, every, **labels), separators=(",", ":")) + "\n")


def _frame(replay: Replay, loop: int) -> dict[str, Any]:
    """Return one frame of the viewer."""
    table = replay.tables[loop]
    frame: dict[str, Any] = {
        name: [round(float(value), 2) for value in table[name]]
        for name in ("x", "y", "health", "shield")
    }
    return {"loop": loop, **frame, "alive": [bool(value > 0) for value in table["health"]]}


def _attacks(replay: Replay, loop: int) -> list[list[int]]:
    """Return [agent, target] of the orders that are carried out at ``loop``."""
    h = replay.header
    if not h.steps:
        return []
    orders = replay.orders[min(loop // h.step_mul, h.steps - 1)]
    alive = replay.tables[loop]["health"] > 0
    pairs = []
    for i, action in enumerate(orders.tolist()):
        target = action - FIRST_TARGET + (0 if UNITS[h.unit_names[i]].is_healer else h.agents)
        if action >= FIRST_TARGET and alive[i] and alive[target]:
            pairs.append([i, target])
    return pairs


def pictures(replay: Replay, every: int) -> list[Any]:
    """Return one Pillow image per ``every`` game loops: terrain, units as discs, health as bars.

    Raises:
        EnvError: Pillow is not installed.
    """
    h = replay.header
    spec = load_map(h.map, h.map_file)
    box = _view(replay, spec)
    return [
        draw_table(spec, h.unit_names, h.agents, replay.tables[loop], box)
        for loop in range(0, len(replay.tables), every)
    ]


def draw_table(
    spec: MapSpec,
    names: Sequence[str],
    n_agents: int,
    table: UnitTable,
    box: tuple[int, int, int, int],
) -> Any:
    """Return a Pillow image of the part ``box`` (x0, y0, x1, y1) of the map with all living units.

    Raises:
        EnvError: Pillow is not installed.
    """
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise EnvError("drawing battles needs Pillow: pip install pillow") from error
    image = Image.fromarray(_background(spec, box))
    draw = ImageDraw.Draw(image)
    for i, name in enumerate(names):
        if table["health"][i] > 0:
            _draw_unit(draw, table[i], UNITS[name], _COLORS[int(i >= n_agents)], box)
    return image


def _view(replay: Replay, spec: MapSpec) -> tuple[int, int, int, int]:
    """Return the part of the map (x0, y0, x1, y1) in which something happens, with a margin."""
    xs, ys = replay.tables["x"], replay.tables["y"]
    t = spec.terrain
    x0, y0 = max(int(xs.min()) - 3, 0), max(int(ys.min()) - 3, 0)
    return x0, y0, min(int(xs.max()) + 4, t.width), min(int(ys.max()) + 4, t.height)


def _background(spec: MapSpec, box: tuple[int, int, int, int]) -> Any:
    """Return the terrain as an RGB array, north up."""
    x0, y0, x1, y1 = box
    cells = spec.terrain.pathing[y0:y1, x0:x1][::-1]
    colors = np.where(cells[..., None], np.array(_GROUND, np.uint8), np.array(_WALL, np.uint8))
    return np.ascontiguousarray(colors.repeat(_SCALE, 0).repeat(_SCALE, 1).astype(np.uint8))


def _draw_unit(
    draw: Any, row: Any, kind: Any, color: tuple[int, ...], box: tuple[int, ...]
) -> None:
    """Draw one unit."""
    x, y = (float(row["x"]) - box[0]) * _SCALE, (box[3] - float(row["y"])) * _SCALE
    r = kind.radius * _SCALE
    draw.ellipse((x - r, y - r, x + r, y + r), fill=color, outline=(40, 40, 40))
    share = (float(row["health"]) + float(row["shield"])) / (kind.health_max + kind.shield_max)
    draw.rectangle((x - r, y - r - 4, x + r, y - r - 2), fill=(200, 200, 200))
    draw.rectangle((x - r, y - r - 4, x - r + 2 * r * share, y - r - 2), fill=(52, 168, 83))


def write_film(replay: Replay, path: Path, every: int = 2) -> None:
    """Write the battle as ``.gif`` (Pillow) or ``.mp4`` (ffmpeg) in the game's "normal" speed.

    That is 16 game loops a second.

    Raises:
        EnvError: another suffix, or Pillow or ffmpeg is missing.
    """
    if path.suffix not in (".gif", ".mp4"):
        raise EnvError(
            f"{path}: unknown kind of film; use .gif, .mp4, or .json for the battle viewer"
        )
    if path.suffix == ".mp4" and shutil.which("ffmpeg") is None:
        raise EnvError(f"{path}: .mp4 needs ffmpeg on the PATH; install it or write a .gif")
    frames = pictures(replay, every)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        target = Path(folder) / path.name
        if path.suffix == ".gif":
            frames[0].save(
                target,
                save_all=True,
                append_images=frames[1:],
                duration=round(1000 * every / 16),
                loop=0,
            )
        else:
            for k, image in enumerate(frames):
                image.save(Path(folder) / f"{k:06d}.png")
            even = "scale=trunc(iw/2)*2:trunc(ih/2)*2"
            subprocess.run(
                ["ffmpeg", "-loglevel", "error", "-framerate", str(16 / every),
                 "-i", f"{folder}/%06d.png",
                 "-vf", even, "-pix_fmt", "yuv420p", str(target)],
                check=True,
            )  # fmt: skip  # as typed
        target.replace(path)
