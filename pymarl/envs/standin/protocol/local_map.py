"""Which map a client means by ``RequestCreateGame.local_map``.

Clients pass the bytes of a map file through. They are a placeholder, a map file of this
project (docs/environments/maps.md), or a StarCraft II archive; where they say nothing, the path's
name counts.
"""

import tempfile
from pathlib import Path, PurePosixPath

from pymarl.envs.skirmish.maps.map_importer import import_map
from pymarl.envs.smac.maps.map_spec import MapSpec, load_map, map_names, read_map
from pymarl.envs.standin.version import MAP_MAGIC
from pymarl.errors import MapError

_ARCHIVE_MAGIC = (b"MPQ\x1a", b"MPQ\x1b")
_MAX_MAP_FILE_BYTES = 4 << 20


def placeholder(name: str) -> bytes:
    """Return the content of the placeholder file for a built-in map."""
    text = (
        "This is not a StarCraft II map. It stands for one in a folder of pymarl-pipeline's\n"
        "stand-in for the SC2 API, which plays the map of this name in its simulator.\n"
    )
    return MAP_MAGIC + f"map: {name}\n{text}".encode()


def requested_map(path: str, data: bytes, folder: Path | None = None) -> MapSpec:
    """Return the map that a client asks for.

    Args:
        path: ``local_map.map_path``.
        data: ``local_map.map_data``, or empty.
        folder: where maps lie that are named by path alone (``Maps`` of the stand-in's folder).

    Raises:
        MapError: nothing names a playable map; says what was looked at.
    """
    name = PurePosixPath(path.replace("\\", "/")).name.removesuffix(".SC2Map")
    if not data and folder is not None:
        data = _read_from_folder(path, folder)
    if data.startswith(MAP_MAGIC):
        return load_map(_placeholder_name(data, path))
    if data.startswith(_ARCHIVE_MAGIC):
        # The facts of a built-in map were checked by hand; an import of its archive is a guess.
        return load_map(name) if name in map_names() else _import_archive(name, data)
    if data and name not in map_names():
        return _read_map_file(name, data)
    return load_map(name)


def _read_from_folder(path: str, folder: Path) -> bytes:
    """Return the map file at ``path`` below ``folder``, or nothing."""
    try:
        inside = (folder / path).resolve()
        if inside.is_relative_to(folder.resolve()) and inside.is_file():
            return inside.read_bytes()
    except (OSError, ValueError):
        return b""
    return b""


def _placeholder_name(data: bytes, path: str) -> str:
    """Return the map a placeholder names."""
    line = data[len(MAP_MAGIC) :].partition(b"\n")[0].decode("utf-8", "replace")
    key, _, name = line.partition(": ")
    if key != "map" or not name:
        raise MapError(f"{path}: a placeholder's second line is 'map: <name>', got {line[:60]!r}")
    return name


def _read_map_file(name: str, data: bytes) -> MapSpec:
    """Return the map that a map file of this project describes."""
    if len(data) > _MAX_MAP_FILE_BYTES or b"\0" in data:
        raise MapError(
            f"{name}: {len(data)} bytes that are neither a StarCraft II archive nor a map file "
            f"of this project; known maps: {', '.join(map_names())}"
        )
    with tempfile.TemporaryDirectory(prefix="pymarl-standin-") as folder:
        path = Path(folder) / "map.yaml"
        path.write_bytes(data)
        try:
            return read_map(path)
        except MapError as error:
            raise MapError(str(error).replace(str(path), name)) from error


def _import_archive(name: str, data: bytes) -> MapSpec:
    """Return what can be read from a StarCraft II archive."""
    with tempfile.TemporaryDirectory(prefix="pymarl-standin-") as folder:
        archive, out = Path(folder) / f"{name or 'map'}.SC2Map", Path(folder) / "map.yaml"
        archive.write_bytes(data)
        try:
            import_map(archive, out)
            return read_map(out)
        except MapError as error:
            raise MapError(
                f"{error} (the stand-in reads simple maps only; "
                "python -m pymarl.envs.skirmish import shows what it can read)"
            ) from error
