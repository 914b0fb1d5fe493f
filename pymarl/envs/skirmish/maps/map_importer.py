"""From a StarCraft II map archive (``.SC2Map``) to a map file, as far as its facts are readable.

Reads: size and playable area (MapInfo), blocked cells (t3CellFlags), heights (t3SyncHeightMap),
point objects (Objects), and from the trigger script (MapScript.galaxy) unit creation and the
enemy's attack order. An archive does not hold SMAC's registry values (limit, map type); those are
guessed and named, so that a human can correct them.
"""

import io
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from pymarl.envs.skirmish.maps.map_script import read_order, read_points, read_spawns
from pymarl.envs.smac.maps.map_spec import read_map
from pymarl.envs.smac.maps.unit_types import MAP_TYPES
from pymarl.errors import MapError
from pymarl.utils.atomic import write_text

MEMBERS = ("MapInfo", "t3CellFlags", "t3SyncHeightMap", "Objects", "MapScript.galaxy")
_RACES = {
    "marine": "T",
    "marauder": "T",
    "medivac": "T",
    "stalker": "P",
    "zealot": "P",
    "colossus": "P",
}
Members = dict[str, bytes]


def read_archive(path: Path) -> Members:
    """Return the members of an archive that the import reads.

    Raises:
        MapError: the file is missing or is not an MPQ archive.
    """
    try:
        from mpyq import MPQArchive
    except ImportError as error:
        raise MapError("reading .SC2Map archives needs mpyq: pip install mpyq") from error
    if not path.is_file():
        raise MapError(f"{path}: no such file")
    try:
        archive = MPQArchive(io.BytesIO(path.read_bytes()), listfile=False)
        members = {name: archive.read_file(name) for name in MEMBERS}
    except Exception as error:  # mpyq raises whatever struct, zlib or its own code meets
        raise MapError(f"{path}: not a readable MPQ archive: {error}") from error
    return {name: data for name, data in members.items() if data}


def import_map(archive: Path, out: Path) -> list[str]:
    """Write the map file for ``archive`` to ``out`` and return lines on what was read and guessed.

    Raises:
        MapError: the archive is broken, or its facts do not make a playable map.
    """
    tree, notes = interpret(read_archive(archive), archive.stem, str(archive))
    write_text(out, yaml.safe_dump(tree, sort_keys=False, default_flow_style=None, width=10_000))
    try:
        read_map(out)
    except MapError as error:
        raise MapError(f"{archive}: written to {out}, but not playable yet: {error}") from error
    return [f"wrote {out}", *notes]


def interpret(members: Members, name: str, where: str) -> tuple[dict[str, Any], list[str]]:
    """Return (map file content, notes) from an archive's members."""
    notes: list[str] = []
    for member in MEMBERS:
        if member not in members:
            notes.append(f"could not read: {member} is missing")
    width, height = _size(members, where)
    points = read_points(members.get("Objects", b"").decode("utf-8", "replace"))
    script = members.get("MapScript.galaxy", b"").decode("utf-8", "replace")
    sides = read_spawns(script, points, notes, where)
    order = read_order(script, points, notes)
    agents = list(dict.fromkeys(entry["type"] for entry in sides[1]))
    map_type = next((key for key, (kinds, _) in MAP_TYPES.items() if set(kinds) == set(agents)), "")
    bits = len(agents) if len(agents) > 1 else 0
    notes.append(f"guessed: limit 120, unit_type_bits {bits}, map_type {map_type or 'custom'}")
    notes.append("guessed: agents are passive and need orders, as in SMAC's maps")
    x0, y0, x1, y1 = _playable(members, width, height, notes)
    tree: dict[str, Any] = {
        "name": re.sub(r"[^A-Za-z0-9_.+-]", "_", name),
        "source": f"imported from {Path(where).name}",
        "limit": 120,
        "map_type": map_type or "custom",
        "unit_type_bits": bits,
        "ally": {"race": _race(sides[1]), "passive": True, "units": sides[1]},
        "enemy": {"race": _race(sides[2]), "units": sides[2], "order": order},
        "terrain": {
            "size": [width, height],
            "playable": [x0, y0, x1, y1],
            "pathing": _pathing(members, width, height, notes),
            "heights": _heights(members, width, height, notes),
        },
    }
    return tree, notes


def _size(members: Members, where: str) -> tuple[int, int]:
    """Return (width, height) from t3CellFlags: two uint32 at 0x18."""
    data = members.get("t3CellFlags", b"")
    if len(data) < 32:
        raise MapError(f"{where}: t3CellFlags is missing or too short; the map's size is in it")
    width, height = struct.unpack_from("<II", data, 0x18)
    if not (1 <= width <= 256 and 1 <= height <= 256) or len(data) < 32 + width * height:
        raise MapError(f"{where}: t3CellFlags: {width} x {height} does not fit {len(data)} bytes")
    return int(width), int(height)


def _playable(
    members: Members, width: int, height: int, notes: list[str]
) -> tuple[int, int, int, int]:
    """Return the playable area: the four int32 in MapInfo that are bounds inside the map."""
    data = members.get("MapInfo", b"")
    size = struct.pack("<II", width, height)
    at = data.find(size)
    text_end = data.find(b"\0\0", at + 8) if at >= 0 else -1
    for offset in range(at + 8, min(len(data) - 15, at + 400)) if text_end >= 0 else ():
        x0, y0, x1, y1 = struct.unpack_from("<iiii", data, offset)
        if 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height and (x1 - x0) * (y1 - y0) > 16:
            return x0, y0, x1, y1
    notes.append("could not read: playable area in MapInfo; took the whole map")
    return 0, 0, width, height


def _pathing(members: Members, width: int, height: int, notes: list[str]) -> list[str]:
    """Return pathing rows, north first: bit 0 of a cell's flags means blocked."""
    data = members["t3CellFlags"]
    flags = np.frombuffer(data, np.uint8, width * height, 32).reshape(height, width)
    blocked: NDArray[np.bool_] = (flags & 1) > 0
    if blocked.all():
        notes.append(
            "could not read: every cell is blocked in t3CellFlags; took the whole map as ground"
        )
        blocked = np.zeros_like(blocked)
    return ["".join("#" if cell else "." for cell in row) for row in blocked[::-1]]


def _heights(members: Members, width: int, height: int, notes: list[str]) -> list[str] | int:
    """Return corner heights in 1/256, rows north first; 0 when they cannot be read."""
    data = members.get("t3SyncHeightMap", b"")
    count = (width + 1) * (height + 1)
    if len(data) < 64 + 4 * count:
        notes.append("could not read: t3SyncHeightMap; took height 0 everywhere")
        return 0
    pairs = np.frombuffer(data, "<u2", 2 * count, 64).reshape(height + 1, width + 1, 2)
    return [" ".join(map(str, row)) for row in pairs[::-1, :, 0].tolist()]


def _race(units: list[dict[str, Any]]) -> str:
    """Return the race of a side's first unit."""
    return _RACES.get(units[0]["type"], "Z")
