"""Reading the procedural keys of a map file: ``teams``, ``starts``, ``enemy_mask``, ``order``."""

from math import isclose
from typing import Any, Final

from pymarl.envs.smac.maps.map_reader import MapReader
from pymarl.envs.smac.maps.unit_types import UNIT_TYPES
from pymarl.envs.smac.smacv2.scenario import ORDER_EVERY, Scenario
from pymarl.envs.smac.smacv2.starts import (
    Area,
    FixedPoints,
    Reflect,
    StartDistribution,
    Surrounded,
    SurroundedAndReflect,
    UniformAreas,
)
from pymarl.envs.smac.smacv2.teams import (
    MAX_TEAMS,
    AllTeams,
    FixedTeams,
    TeamDistribution,
    WeightedTeams,
)
from pymarl.utils.suggest import did_you_mean

TEAM_KINDS: Final = ("weighted", "all", "fixed")
START_KINDS: Final = ("surrounded_and_reflect", "surrounded", "reflect", "fixed", "uniform")
MAX_SIDE: Final = 256
"""Most units of one side."""


def read_scenario(
    reader: MapReader, area: Area, sizes: tuple[int | None, int | None]
) -> tuple[Scenario, bool]:
    """Return the scenario of a map file, and whether the opponent has orders.

    Args:
        reader: of the file.
        area: playable area of its terrain.
        sizes: N and E in place of the file's ``n_units`` and ``n_enemies``; None: the file's.

    Raises:
        MapError: a key is missing, unknown or wrong.
    """
    teams = reader.child("teams")
    shown = teams.flag("types_shown", True)
    team_rule = _read_teams(reader, teams, sizes)
    teams.done()
    start_rule = _read_starts(reader, area)
    mask = 0.0
    if reader.has("enemy_mask"):
        masked = reader.child("enemy_mask")
        mask = _share(masked, "probability")
        masked.done()
    every, ordered = ORDER_EVERY, True
    if reader.has("order"):
        order = reader.child("order")
        ordered = order.choice("kind", ("attack_nearest", "none")) == "attack_nearest"
        every = order.integer("every_loops", 1, 1000, ORDER_EVERY)
        order.done()
    return Scenario(team_rule, start_rule, area, every, mask, shown), ordered


def _read_teams(
    reader: MapReader, teams: MapReader, sizes: tuple[int | None, int | None]
) -> TeamDistribution:
    """Return the distribution of teams."""
    kind = teams.choice("kind", TEAM_KINDS)
    if kind == "fixed":
        return _read_fixed(reader, teams, sizes)
    n = reader.integer("n_units", 1, MAX_SIDE)
    e = reader.integer("n_enemies", 1, MAX_SIDE)
    n, e = sizes[0] or n, sizes[1] or e
    for key, size in (("n_units", n), ("n_enemies", e)):
        if not 1 <= size <= MAX_SIDE:
            raise reader.fail(key, f"expected an integer in 1..{MAX_SIDE}, got {size}")
    types, weights = _read_types(teams, weighted=kind == "weighted")
    lone = _read_not_alone(teams, types)
    if kind == "weighted":
        return WeightedTeams(types, weights, lone, n, e)
    if n != e:
        raise reader.fail(
            "n_enemies", f"teams of kind all are equal on both sides: expected {n}, got {e}"
        )
    rule = AllTeams(types, lone, n)
    if rule.count > MAX_TEAMS:
        raise teams.fail("units", f"{rule.count} different teams; at most {MAX_TEAMS}")
    return rule


def _read_types(teams: MapReader, *, weighted: bool) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return unit types in the order of their type ids, and their weights."""
    value = teams.raw("units")
    expected = "a mapping of unit types and weights" if weighted else "a list of unit types"
    if not isinstance(value, dict if weighted else list) or not value:
        raise teams.fail("units", f"expected {expected}, got {value!r}")
    types = _known_types(teams, "units", list(value))
    if not isinstance(value, dict):
        return types, ()
    weights = list(value.values())
    for weight in weights:
        number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not number or not 0 < weight <= 1:
            raise teams.fail("units", f"expected weights in (0, 1], got {weight!r}")
    if not isclose(sum(weights), 1.0, abs_tol=1e-6):
        raise teams.fail("units", f"the weights add up to {sum(weights):g}, expected 1")
    return types, tuple(float(weight) for weight in weights)


def _known_types(reader: MapReader, key: str, names: list[Any]) -> tuple[str, ...]:
    """Return ``names`` as unit types, each once."""
    for name in names:
        if name not in UNIT_TYPES:
            raise reader.fail(
                key,
                f"unknown unit type {name!r}; known: {', '.join(UNIT_TYPES)}"
                f"{did_you_mean(str(name), UNIT_TYPES)}",
            )
    if len(set(names)) != len(names):
        raise reader.fail(key, f"a unit type stands there twice: {names!r}")
    return tuple(names)


def _read_not_alone(teams: MapReader, types: tuple[str, ...]) -> tuple[str, ...]:
    """Return the types that cannot be a whole team."""
    value = teams.raw("not_alone", [], required=False)
    if not isinstance(value, list) or not all(unit in types for unit in value):
        raise teams.fail("not_alone", f"expected some of {list(types)}, got {value!r}")
    if set(value) == set(types):
        raise teams.fail("not_alone", "all types are there: no team could be drawn")
    return tuple(value)


def _read_fixed(
    reader: MapReader, teams: MapReader, sizes: tuple[int | None, int | None]
) -> FixedTeams:
    """Return a list of pairs of teams, all of the same sizes."""
    types, _ = _read_types(teams, weighted=False)
    items: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    for item in teams.children("items"):
        allies = _team(item, "ally", types)
        pair = allies, _team(item, "enemy", types) if item.has("enemy") else allies
        item.done()
        if items and [len(team) for team in pair] != [len(team) for team in items[0]]:
            raise item.fail("ally", "all items must have the sizes of the first one")
        items.append(pair)
    rule = FixedTeams(types, tuple(items))
    for key, size, given in (
        ("n_units", rule.n_units, sizes[0]),
        ("n_enemies", rule.n_enemies, sizes[1]),
    ):
        declared = reader.integer(key, 1, MAX_SIDE, size)
        if (given or declared) != size:
            raise reader.fail(key, f"the items have {size}, got {given or declared}")
    return rule


def _team(item: MapReader, key: str, types: tuple[str, ...]) -> tuple[str, ...]:
    """Return one team of a list."""
    team = item.raw(key)
    listed = isinstance(team, list) and 1 <= len(team) <= MAX_SIDE
    if not listed or any(unit not in types for unit in team):
        raise item.fail(key, f"expected a list of 1..{MAX_SIDE} of {list(types)}, got {team!r}")
    return tuple(team)


def _read_starts(reader: MapReader, area: Area) -> StartDistribution:
    """Return the distribution of start points."""
    starts = reader.child("starts")
    kind = starts.choice("kind", START_KINDS)
    rule: StartDistribution
    if kind == "surrounded_and_reflect":
        rule = SurroundedAndReflect(_share(starts, "p"))
    elif kind == "fixed":
        points = starts.point("ally"), starts.point("enemy")
        for key, (x, y) in zip(("ally", "enemy"), points, strict=True):
            _check_inside(starts, key, area, (x, y, x, y))
        rule = FixedPoints(*points)
    elif kind == "uniform":
        rule = UniformAreas(_area(starts, "ally", area), _area(starts, "enemy", area))
    else:
        rule = Surrounded() if kind == "surrounded" else Reflect()
    starts.done()
    return rule


def _area(starts: MapReader, key: str, area: Area) -> Area:
    """Return a rectangle inside the playable area."""
    west, south, east, north = starts.numbers(key, 4)
    _check_inside(starts, key, area, (west, south, east, north))
    return west, south, east, north


def _check_inside(reader: MapReader, key: str, area: Area, part: Area) -> None:
    """Refuse a rectangle (or a point) that is not inside the playable area."""
    inside_x = area[0] <= part[0] <= part[2] <= area[2]
    inside_y = area[1] <= part[1] <= part[3] <= area[3]
    if not (inside_x and inside_y):
        raise reader.fail(key, f"expected a part of the playable area {area}, got {part}")


def _share(reader: MapReader, key: str) -> float:
    """Return a number in 0..1."""
    value = reader.raw(key)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= 1:
        raise reader.fail(key, f"expected a number in 0..1, got {value!r}")
    return float(value)
