"""Map files: the built-in ones are SMAC's; bad ones are refused with a line of where and why."""

import copy

import pytest
import yaml

from pymarl.envs.skirmish.maps.world import build_world
from pymarl.envs.smac.maps.map_spec import load_map, map_names, maps_dir, read_map
from pymarl.errors import MapError

SMAC = 23
GOOD = {
    "name": "mine",
    "limit": 60,
    "map_type": "marines",
    "terrain": "smac_flat",
    "ally": {"race": "T", "units": [{"type": "marine", "count": 2, "at": [9, 16]}]},
    "enemy": {
        "race": "T",
        "units": [{"type": "marine", "count": 2, "at": [23, 16]}],
        "order": {"kind": "attack_point", "points": [[9, 16]]},
    },
}


def test_all_maps_are_there_and_can_be_played():
    names = map_names()
    assert len(names) == SMAC + 6
    assert sum(name.startswith("MarineMicro") for name in names) == 6
    for name in names:
        spec = load_map(name)
        world = build_world(spec)
        assert spec.name == name
        assert len(world.traits) == spec.n_agents + spec.n_enemies


@pytest.mark.parametrize(
    ("name", "agents", "enemies", "limit"),
    [
        ("3m", 3, 3, 60),
        ("corridor", 6, 24, 400),
        ("so_many_baneling", 7, 32, 100),
        ("MMM2", 10, 12, 180),
    ],
)
def test_registry_values_are_smacs(name, agents, enemies, limit):
    spec = load_map(name)
    assert (spec.n_agents, spec.n_enemies, spec.limit) == (agents, enemies, limit)


def write(tmp_path, changes):
    tree = copy.deepcopy(GOOD)
    for path, value in changes.items():
        node = tree
        *parents, last = path.split("/")
        for key in parents:
            node = node[int(key)] if key.isdigit() else node[key]
        if value is None:
            del node[last]
        else:
            node[int(last) if last.isdigit() else last] = value
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(tree))
    return file


def test_a_map_of_ones_own_needs_one_file(tmp_path):
    spec = load_map(None, str(write(tmp_path, {})))
    assert spec.n_agents == 2
    assert spec.step_mul == 8
    build_world(spec)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"limit": None}, "mine.yaml: limit: missing"),
        ({"limit": 0}, r"limit: expected an integer in 1..100000, got 0"),
        ({"limt": 3}, "limt: unknown key; known: .*did you mean 'limit'"),
        (
            {"terrain": "smac_plan"},
            "unknown terrain 'smac_plan'; known: .*did you mean 'smac_plain'",
        ),
        (
            {"ally/units/0/type": "marin"},
            r"ally: units\[0\]: type: unknown value 'marin'.*'marine'",
        ),
        ({"ally/count": 3}, "ally: count: says 3 unit.s., but units add up to 2"),
        ({"ally/units/0/at": [9]}, r"at: expected \[x, y\], got \[9\]"),
        ({"ally/units/0/at": [40, 3]}, "outside the 32 x 32 map"),
        ({"ally/units": []}, "units: expected a list with at least one entry"),
        ({"ally/race": "X"}, "race: unknown value 'X'; known: P, T, Z"),
        ({"ally/units/0/type": "zealot"}, "map_type marines knows .*use map_type: custom"),
        (
            {"enemy/order/kind": "attack"},
            "order: kind: unknown value 'attack'; known: attack_point",
        ),
        ({"enemy/order/points": [[1, 1], [2, 2]]}, r"points: expected 1 \[x, y\] pair"),
        ({"map_type": "marine"}, "map_type: unknown value 'marine'.*did you mean 'marines'"),
    ],
)
def test_bad_map_files_are_one_line(tmp_path, changes, message):
    with pytest.raises(MapError, match=message) as caught:
        read_map(write(tmp_path, changes))
    assert "\n" not in str(caught.value)


ISLAND = {"size": [8, 8], "playable": [0, 0, 8, 8], "pathing": ["...##...", "...##..."] * 4}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"ally/units/0/at": [3.5, 2]},
            r"ally: units\[0\] .*the point is not walkable for a marine",
        ),
        ({"enemy/units/0/at": [6, 2]}, r"order: points: \[1, 2\] cannot be reached on foot"),
        (
            {"enemy/units/0/count": 90, "enemy/order": {"kind": "none"}},
            "no free place within 10 cells",
        ),
    ],
)
def test_unplayable_maps_are_refused(tmp_path, changes, message):
    island = {
        "terrain": ISLAND,
        "ally/units/0/at": [1, 2],
        "enemy/units/0/at": [1, 5],
        "enemy/order/points": [[1, 2]],
    }
    spec = read_map(write(tmp_path, island | changes))
    with pytest.raises(MapError, match=message):
        build_world(spec)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("pathing", ["..."] * 8, r"pathing\[0\]: expected 8 characters"),
        ("pathing", ["........"] * 7, "pathing: expected 8 rows"),
        ("size", [0, 8], "size: expected two integers"),
        ("playable", [0, 0, 9, 8], "playable: expected"),
        ("heights", ["1 2"], "heights: expected one integer or 9 rows"),
    ],
)
def test_bad_terrain_is_refused(tmp_path, key, value, message):
    with pytest.raises(MapError, match=message):
        read_map(write(tmp_path, {"terrain": ISLAND | {key: value}}))


def test_files_that_are_no_maps(tmp_path):
    with pytest.raises(MapError, match="cannot read this file"):
        read_map(tmp_path / "none.yaml")
    file = tmp_path / "bad.yaml"
    file.write_text("a: [1")
    with pytest.raises(MapError, match="not valid YAML"):
        read_map(file)
    file.write_text("[]")
    with pytest.raises(MapError, match="expected a mapping"):
        read_map(file)


def test_healers_need_enough_attack_actions(tmp_path):
    changes = {
        "map_type": "MMM",
        "unit_type_bits": 3,
        "ally/units": [
            {"type": "marine", "count": 3, "at": [9, 16]},
            {"type": "medivac", "at": [9, 16]},
        ],
    }
    with pytest.raises(MapError, match="healers address agents through the 2 attack actions"):
        read_map(write(tmp_path, changes))


def test_every_terrain_file_names_its_source():
    for path in (maps_dir() / "terrains").glob("*.yaml"):
        assert "source:" in path.read_text()
