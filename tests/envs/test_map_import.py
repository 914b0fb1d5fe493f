"""Map archives (.SC2Map) of our own, with trigger scripts of the kinds that SMAC's maps have."""

import struct

import pytest

from pymarl.envs.skirmish.maps.map_importer import MEMBERS, import_map, read_archive
from pymarl.envs.smac.maps.map_spec import read_map
from pymarl.errors import MapError
from tests.envs.mpq import mpq_bytes

SCRIPT = """
libNtve_gf_CreateUnitsWithDefaultFacing(3, "Marine_RL", 0, 1, PointFromId(5));
libNtve_gf_CreateUnitsWithDefaultFacing(2, "Marine", 0, 2, Point(12.0, 4.0));
UnitGroupIssueOrder(g, OrderTargetingPoint(AbilityCommand("attack", 0), PointFromId(5)), 0);
"""


OBJECTS = b"""
<ObjectPoint Id="5" Position="4,4,8" Type="Normal"/>
<ObjectPoint Id="6" Position="9,4,8"/>
"""


def archive(tmp_path, script=SCRIPT):
    flags = b"\0" * 0x18 + struct.pack("<II", 16, 8) + bytes([1] * 16 + [2] * 112)
    heights = b"\0" * 64 + struct.pack("<HH", 2048, 0) * 17 * 9
    members = {
        "MapInfo": b"IpaM" + struct.pack("<II", 16, 8) + b"x\0\0" + struct.pack("<4i", 1, 1, 15, 7),
        "t3CellFlags": flags,
        "t3SyncHeightMap": heights,
        "Objects": OBJECTS,
        "MapScript.galaxy": script.encode(),
    }
    assert set(members) == set(MEMBERS)
    file = tmp_path / "tiny.SC2Map"
    file.write_bytes(mpq_bytes(members))
    return file


def test_a_map_archive_becomes_a_map_file(tmp_path):
    out = tmp_path / "tiny.yaml"
    notes = import_map(archive(tmp_path), out)
    spec = read_map(out)
    assert (spec.n_agents, spec.n_enemies, spec.map_type) == (3, 2, "marines")
    assert (spec.ally.groups[0].x, spec.order_points) == (4, ((4, 4),))
    assert spec.terrain.playable == (1, 1, 15, 7)
    assert not spec.terrain.pathing[0].any()
    assert spec.terrain.pathing[1:].all()
    assert spec.terrain.corners.max() == 8
    assert any("guessed: limit" in note for note in notes)


def test_archives_that_cannot_be_used(tmp_path):
    broken = tmp_path / "broken.SC2Map"
    broken.write_bytes(b"not an archive")
    with pytest.raises(MapError, match="not a readable MPQ archive"):
        read_archive(broken)
    with pytest.raises(MapError, match="no such file"):
        read_archive(tmp_path / "none.SC2Map")
    with pytest.raises(MapError, match="no unit creation was found for player 1"):
        import_map(archive(tmp_path, script="x"), tmp_path / "o.yaml")


CREATE = "libNtve_gf_CreateUnitsWithDefaultFacing"
DECLARATIONS = """
unitgroup gv_allies;
unitgroup gv_others;
void InitGlobals () {
    gv_allies = UnitGroupEmpty();
}
"""
AGENTS = f"""
    UnitGroupClear(gv_allies);
    {CREATE}(1, "Marine_RL", 0, 1, PointFromId(5));
    UnitGroupAdd(gv_allies, UnitLastCreated());
    {CREATE}(2, "Marine_RL", 0, 1, PointFromId(6));
    UnitGroupAdd(gv_allies, UnitLastCreated());
"""
ENEMIES = f"""
    {CREATE}(4, "Marine", 0, 2, Point(12.0, 4.0));
    UnitGroupAdd(gv_others, UnitLastCreated());
"""
# All units of player 2, as the map editor writes it.
ALL_ENEMIES = (
    "UnitGroup(null, 2, RegionEntireMap(), UnitFilter(0, 0, (1 << c_targetFilterMissile), "
    "(1 << (c_targetFilterDead - 32)) | (1 << (c_targetFilterHidden - 32))), 0)"
)


def ordered(order):
    """A script whose enemies get this order."""
    issue = f"UnitGroupIssueOrder({ALL_ENEMIES}, {order}, c_orderQueueReplace);"
    return DECLARATIONS + AGENTS + ENEMIES + issue


@pytest.mark.parametrize(
    ("order", "kind", "points"),
    [
        # A group that the agents were put into, as on 2c_vs_64zg.
        ('OrderTargetingUnitGroup(AbilityCommand("attack", 0), gv_allies)', "attack_units", ()),
        (
            'OrderTargetingUnitGroup(AbilityCommand("attack", 0), '
            "UnitGroup(null, 1, RegionEntireMap(), UnitFilter(0, 0, 0, 0), 0))",
            "attack_units",
            (),
        ),
        # A random point between two, as on 2m_vs_1z.
        (
            'OrderTargetingPoint(AbilityCommand("attack", 0), '
            "libNtve_gf_RandomPointBetweenPoints(PointFromId(5), PointFromId(6)))",
            "attack_segment",
            ((4, 4), (9, 4)),
        ),
        (
            'OrderTargetingPoint(AbilityCommand("attack", 0), Point(4.5, 3))',
            "attack_point",
            ((4.5, 3),),
        ),
    ],
)
def test_the_enemys_order_is_read(tmp_path, order, kind, points):
    out = tmp_path / "tiny.yaml"
    notes = import_map(archive(tmp_path, ordered(order)), out)
    spec = read_map(out)
    assert (spec.order, spec.order_points) == (kind, points)
    assert [(group.count, group.x) for group in spec.ally.groups] == [(1, 4), (2, 9)]
    assert not any("attack order" in note for note in notes)


@pytest.mark.parametrize(
    ("order", "said"),
    [
        # The enemies themselves, nobody knows whom, a place that only a run would know, no attack.
        ('OrderTargetingUnitGroup(AbilityCommand("attack", 0), gv_others)', "(gv_others)"),
        ('OrderTargetingUnitGroup(AbilityCommand("attack", 0), gv_unknown)', "(gv_unknown)"),
        (
            'OrderTargetingPoint(AbilityCommand("attack", 0), UnitGetPosition(gv_x))',
            "(UnitGetPosition(gv_x))",
        ),
        ('OrderTargetingPoint(AbilityCommand("move", 0), PointFromId(5))', "the enemies get none"),
    ],
)
def test_an_order_that_cannot_be_read_is_said(tmp_path, order, said):
    out = tmp_path / "tiny.yaml"
    notes = import_map(archive(tmp_path, ordered(order)), out)
    assert read_map(out).order == "none"
    assert any(said in note for note in notes)


def test_two_different_orders_are_said(tmp_path):
    first = 'OrderTargetingPoint(AbilityCommand("attack", 0), PointFromId(6))'
    second = 'OrderTargetingUnitGroup(AbilityCommand("attack", 0), gv_allies)'
    out = tmp_path / "tiny.yaml"
    notes = import_map(archive(tmp_path, ordered(first) + ordered(second)), out)
    assert read_map(out).order_points == ((9, 4),)
    assert any("could not decide between the attack orders" in note for note in notes)
