"""From a map to the arrays the kernels work on."""

import math
from functools import lru_cache

import numpy as np

from pymarl.envs.skirmish.engine import constants as K
from pymarl.envs.skirmish.engine import layout as L
from pymarl.envs.skirmish.engine.state import World
from pymarl.envs.skirmish.maps.paths import Paths, find_paths, reachable
from pymarl.envs.skirmish.maps.spawn import Placed, place_units
from pymarl.envs.skirmish.maps.unit_data import MIN_SCAN_RANGE, UNITS, Unit
from pymarl.envs.smac.maps.map_spec import MapSpec
from pymarl.envs.smac.maps.terrain import Terrain
from pymarl.errors import MapError

_ORDER_CODES = {"none": 0, "attack_point": 1, "attack_segment": 2, "attack_units": 3}


def sort_agents(spec: MapSpec, agents: list[Placed]) -> list[Placed]:
    """Return the agents in SMAC's order.

    Unit type id (their order in the map type), then x, then y.
    """
    rank = {name: k for k, name in enumerate(spec.ally.type_bits)}
    return sorted(agents, key=lambda unit: (rank[unit[0]], unit[1], unit[2]))


def build_world(spec: MapSpec, delay: tuple[float, float] = (K.DELAY_LOW, K.DELAY_HIGH)) -> World:
    """Return the static arrays of a map.

    Args:
        spec: the map.
        delay: range of the random weapon delay in loops; other values than the game's are for
            experiments and tests.

    Raises:
        MapError: units do not fit, or the enemies' order cannot be reached on foot.
    """
    agents, enemies = place_units(spec)
    units = [*sort_agents(spec, agents), *enemies]
    n = len(agents)
    terrain = spec.terrain
    navs = _navigation(spec, units)
    _check_order(spec, enemies)
    table = max(nav.hops.shape[1] for nav in navs)
    points = list(spec.order_points) or [(0.0, 0.0)]
    m = np.zeros(L.N_M, np.int64)
    m[L.M_AGENTS], m[L.M_UNITS] = n, len(units)
    m[L.M_WIDTH], m[L.M_HEIGHT] = terrain.width, terrain.height
    m[L.M_ORDER], m[L.M_AFTER] = _ORDER_CODES[spec.order], spec.order_after_loops
    m[L.M_OPEN], m[L.M_OPEN + 1] = navs[0].open, navs[1].open
    angles = [2 * math.pi * k / 64 for k in range(64)]
    return World(
        P=np.ascontiguousarray(
            np.array([_numbers(UNITS[name], terrain, delay) for name, _, _ in units])
        ),
        Q=np.ascontiguousarray(
            np.array(
                [
                    _integers(UNITS[name], int(i >= n), spec.ally.passive and i < n)
                    for i, (name, _, _) in enumerate(units)
                ],
                dtype=np.int64,
            )
        ),
        M=m,
        start=np.array([(x, y) for _, x, y in units]),
        order=np.array([points[0], points[-1]], dtype=np.float64),
        facings=np.array([(math.cos(a), math.sin(a)) for a in angles]),
        grid=np.stack([terrain.pathing, terrain.cliff]).astype(np.uint8),
        cell=np.stack([nav.cell for nav in navs]),
        hops=np.stack([_pad(nav.hops, (2, table, table)) for nav in navs]),
    )


def _pad(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return ``array`` in the corner of a larger array of zeros."""
    out = np.zeros(shape, array.dtype)
    out[tuple(slice(0, size) for size in array.shape)] = array
    return out


def _navigation(spec: MapSpec, units: list[Placed]) -> tuple[Paths, Paths]:
    """Return the path tables of ground units and cliff walkers.

    The second are the first when there are none.
    """
    walkers = any(UNITS[name].nav == 1 for name, _, _ in units)
    seeds = tuple(sorted({(int(y), int(x)) for name, x, y in units if UNITS[name].nav != 2}))
    terrain = spec.terrain
    try:
        ground = _paths(terrain.pathing.tobytes(), terrain.pathing.shape, seeds)
        if not walkers or np.array_equal(terrain.pathing, terrain.cliff):
            return ground, ground
        return ground, _paths(terrain.cliff.tobytes(), terrain.cliff.shape, seeds)
    except ValueError as error:
        raise MapError(f"map {spec.name}: terrain: {error}") from error


@lru_cache(maxsize=8)
def _paths(grid: bytes, shape: tuple[int, int], seeds: tuple[tuple[int, int], ...]) -> Paths:
    """Return path tables, remembered: many environments of one process share a map."""
    return find_paths(np.frombuffer(grid, dtype=np.bool_).reshape(shape), list(seeds))


def _check_order(spec: MapSpec, enemies: list[Placed]) -> None:
    """Refuse an attack point that the enemies' walking units cannot reach."""
    terrain = spec.terrain
    reach: dict[int, np.ndarray] = {}
    for name, x, y in enemies:
        unit = UNITS[name]
        if unit.nav == 2 or unit.speed == 0:
            continue
        here = int(y), int(x)
        if unit.nav not in reach or not reach[unit.nav][here]:
            reach[unit.nav] = reachable(terrain.pathing if unit.nav == 0 else terrain.cliff, [here])
        for px, py in spec.order_points:
            if not reach[unit.nav][int(py), int(px)]:
                raise MapError(
                    f"map {spec.name}: enemy: order: points: [{px:g}, {py:g}] cannot be reached "
                    f"on foot from the {name} at [{x:g}, {y:g}]; choose a point on connected cells"
                )


def _numbers(u: Unit, terrain: Terrain, delay: tuple[float, float]) -> list[float]:
    """Return the unit's column of ``P``."""
    s = K.LOOPS_PER_SECOND
    row = [0.0] * L.N_P
    row[L.RADIUS], row[L.SEP] = u.radius, u.separation
    row[L.SPEED], row[L.ACCEL] = u.speed / s, u.accel / (s * s)
    row[L.HP_MAX], row[L.SH_MAX] = u.health, u.shield
    row[L.EN_START], row[L.EN_MAX] = u.energy
    row[L.ARMOR], row[L.HP_REGEN] = u.armor, u.regen / s
    row[L.RANGE], row[L.SLOP], row[L.PERIOD] = u.range, u.slop, u.period * s
    row[L.POINT], row[L.SWING] = u.point * s, u.swing * s
    row[L.DAMAGE], row[L.BONUS] = u.damage, u.bonus
    row[L.MISSILE], row[L.FOLLOW] = u.missile / s, u.follow * s
    row[L.SCAN] = max(MIN_SCAN_RANGE, u.range)
    row[L.MELEE_RANGE], row[L.MELEE_POINT] = u.melee_range, u.melee_point * s
    row[L.SPLASH] = u.splash
    row[L.DELAY], row[L.DELAY_SPAN] = delay[0], delay[1] - delay[0]
    flat = (0.0, 0.0, float(terrain.width), float(terrain.height))
    bounds = terrain.playable if u.nav == 2 else flat
    row[L.WEST], row[L.SOUTH], row[L.EAST], row[L.NORTH] = bounds
    return row


def _integers(u: Unit, side: int, passive: bool) -> list[int]:
    """Return the unit's column of ``Q``."""
    row = [0] * L.N_Q
    row[L.SIDE], row[L.PASSIVE] = side, int(passive)
    row[L.WEAPON], row[L.HITS], row[L.PLANES] = u.weapon, u.hits, u.planes
    row[L.SPACE], row[L.NAV] = u.space, u.nav
    row[L.ATTRS], row[L.BONUS_ATTRS] = u.attrs, u.bonus_attrs
    row[L.HEALER] = int(u.healer)
    row[L.STRUCTURE] = int(bool(u.attrs & L.STRUCTURAL))
    return row
