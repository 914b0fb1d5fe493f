"""Replays: seed, orders and unit tables per game loop of an episode in one compact file.

File (format 2): the line ``SKIRMISH-REPLAY 2``, one line of JSON (the header), then zlib data:
orders int16 (T, N) and tables float32 (T * step_mul + 1, U, 6). Tables are stored as differences of
their bit patterns, which zlib packs well. They follow from seed and orders within one version of
the engine: ``verify`` plays the episode again and compares every bit. Format 1 is that of engine
version 1 and lacks the version in its header; it is refused, as are other versions of the engine.

A replay is of the battle, not of what agents saw: with ``enemy_order=shuffled``, too, units stand
in the order of their creation and orders name the enemies so.
"""

import json
import re
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.engine_version import ENGINE_VERSION, check_engine_version
from pymarl.envs.skirmish.replays.playback import simulate
from pymarl.envs.skirmish.replays.world_hash import world_hash
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.maps.map_spec import load_map
from pymarl.envs.smac.rules.unit_table import (
    N_COLUMNS,
    UnitTables,
    as_numbers,
    as_tables,
)
from pymarl.errors import EnvError
from pymarl.utils.atomic import write_bytes

MAGIC: Final = b"SKIRMISH-REPLAY 2\n"
_MAGIC_1: Final = b"SKIRMISH-REPLAY 1\n"
SUFFIX: Final = ".skirmish"
_MAX_BYTES: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Header:
    """What a replay says of itself.

    Attributes:
        map: map name. map_file: its file when it is not built in. world: hash of map and unit
            numbers.
        seed: episode seed. step_mul, move_amount: as configured. steps, agents, units: T, N, U.
        unit_names: type of every unit. won, timeout: how it ended. total_reward: return.
        engine_version: version of the engine that played it. origin: what recorded it.
    """

    map: str
    map_file: str | None
    world: str
    seed: int
    step_mul: int
    move_amount: float
    steps: int
    agents: int
    units: int
    unit_names: list[str]
    won: bool
    timeout: bool
    total_reward: float
    engine_version: int
    origin: str = "simulator"


@dataclass(frozen=True, slots=True)
class Replay:
    """A recorded episode.

    Attributes:
        header: what it is.
        orders: int16 (T, N), the actions that were carried out, enemies in the order of creation.
        tables: unit tables (T * step_mul + 1, U), the first before the first loop.
    """

    header: Header
    orders: NDArray[np.int16]
    tables: UnitTables


def record(
    env: VectorSkirmish,
    seed: int,
    orders: NDArray[Any],
    won: bool,
    timeout: bool,
    total_reward: float,
) -> Replay:
    """Return the replay of an episode of ``env``; its tables come from playing it again."""
    small = np.ascontiguousarray(orders, dtype=np.int16).reshape(-1, env.n_agents)
    header = Header(
        map=env.map.name,
        map_file=env.args.map_file or None,
        world=world_hash(env.world, env.map.scenario),
        seed=int(seed),
        step_mul=env.step_mul,
        move_amount=float(env.args.move_amount),
        steps=len(small),
        agents=env.n_agents,
        units=len(env.unit_names),
        unit_names=list(env.unit_names),
        won=bool(won),
        timeout=bool(timeout),
        total_reward=float(total_reward),
        engine_version=ENGINE_VERSION,
    )
    return Replay(header, small, simulate(env, seed, small))


def encode(replay: Replay) -> bytes:
    """Return ``replay`` as the content of a replay file."""
    bits = as_numbers(replay.tables).view(np.uint32)
    delta = bits.copy()
    delta[1:] ^= bits[:-1]
    # Bytes of equal weight together: the high ones hardly change.
    planes = np.ascontiguousarray(delta.reshape(-1, 1).view(np.uint8).T)
    body = zlib.compress(replay.orders.astype("<i2").tobytes() + planes.tobytes(), 9)
    head = json.dumps(asdict(replay.header), sort_keys=True).encode() + b"\n"
    return MAGIC + head + body


def save(replay: Replay, path: Path) -> None:
    """Write ``replay`` to ``path`` atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, encode(replay))


def load(path: Path) -> Replay:
    """Return the replay in ``path``.

    Raises:
        EnvError: the file is missing, damaged, of another format or of another engine version.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EnvError(f"{path}: cannot read this replay: {error}") from error
    if data.startswith(_MAGIC_1):
        raise EnvError(
            f"{path}: a replay of format 1, recorded by engine version 1; this is engine version "
            f"{ENGINE_VERSION}, which reads format 2. Record it again, or check out the release "
            "that recorded it (docs/environments/simulator.md, Versions of the engine)"
        )
    if not data.startswith(MAGIC):
        raise EnvError(f"{path}: not a replay of format 2 (expected it to begin with {MAGIC!r})")
    head, _, body = data[len(MAGIC) :].partition(b"\n")
    try:
        fields = json.loads(head)  # another engine's fields may be others: that is no damage
        check_engine_version(int(fields["engine_version"]), str(path))
        header = Header(**fields)
        raw = zlib.decompressobj().decompress(body, _MAX_BYTES)
        split = header.steps * header.agents * 2
        shape = (header.steps * header.step_mul + 1, header.units, N_COLUMNS)
        orders = (
            np.frombuffer(raw[:split], "<i2").astype(np.int16).reshape(header.steps, header.agents)
        )
        planes = np.frombuffer(raw[split:], np.uint8).reshape(4, -1)
        delta = np.ascontiguousarray(planes.T).view(np.uint32).reshape(shape)
    except (ValueError, TypeError, KeyError, zlib.error) as error:
        raise EnvError(f"{path}: this replay is damaged: {error}") from error
    numbers = np.bitwise_xor.accumulate(delta, axis=0).view(np.float32)
    return Replay(header, orders, as_tables(numbers))


def verify(replay: Replay) -> str:
    """Play ``replay`` again and return a line that says it is the same to the bit.

    Raises:
        EnvError: another engine version recorded it, map or unit numbers have changed since, or a
            table differs; says where first.
    """
    h = replay.header
    check_engine_version(h.engine_version, f"replay of {h.map}")
    sizes: dict[str, Any] = {}
    if load_map(h.map, h.map_file).scenario:
        sizes = {"n_units": h.agents, "n_enemies": h.units - h.agents}
    env = VectorSkirmish(
        1,
        map_name=h.map,
        map_file=h.map_file,
        step_mul=h.step_mul,
        move_amount=h.move_amount,
        **sizes,
    )
    if world_hash(env.world, env.map.scenario) != h.world:
        raise EnvError(
            f"replay of {h.map}: the map or the unit numbers are not those it was recorded with; "
            "check out the version that recorded it"
        )
    tables = simulate(env, h.seed, replay.orders)
    same = as_numbers(tables).view(np.uint32) == as_numbers(replay.tables).view(np.uint32)
    if not same.all():
        loop, unit, _ = (int(k) for k in np.argwhere(~same)[0])
        raise EnvError(
            f"replay of {h.map}: differs at game loop {loop}, unit {unit} ({h.unit_names[unit]})"
        )
    return (
        f"{h.map}, seed {h.seed}: {h.steps} steps, {len(tables) - 1} game loops, equal to the bit"
    )


def replay_path(folder: Path, prefix: str, episode_seed: int) -> Path:
    """Return a file name that does not exist yet: ``<prefix>_seed=<k>[-n].skirmish``."""
    safe = re.sub(r"[^A-Za-z0-9_.=-]", "_", prefix)
    path = folder / f"{safe}_seed={episode_seed}{SUFFIX}"
    n = 1
    while path.exists():
        n += 1
        path = folder / f"{safe}_seed={episode_seed}-{n}{SUFFIX}"
    return path
