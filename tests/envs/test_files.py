"""Replays, exports, map archives, PettingZoo and the command line."""

import dataclasses
import json
import re
import struct

import numpy as np
import pytest

from pymarl.envs.skirmish.__main__ import main
from pymarl.envs.skirmish.engine_version import ENGINE_VERSION
from pymarl.envs.skirmish.maps.map_importer import MEMBERS, import_map, read_archive
from pymarl.envs.skirmish.replays import replay
from pymarl.envs.skirmish.replays.export import battle_json, write_film
from pymarl.envs.skirmish.replays.record_episodes import record_policy
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.smac.maps.map_spec import read_map
from pymarl.errors import EnvError, MapError
from tests.envs.mpq import mpq_bytes


@pytest.mark.parametrize("policy", ["random", "heuristic"])
def test_a_replay_is_the_battle_to_the_bit(tmp_path, policy):
    recorded = record_policy("2s3z", policy, 4)
    file = tmp_path / "battle.skirmish"
    replay.save(recorded, file)
    loaded = replay.load(file)
    assert loaded.header == recorded.header
    assert np.array_equal(loaded.tables.view(np.uint32), recorded.tables.view(np.uint32))
    assert "equal to the bit" in replay.verify(loaded)
    # The last table is what the environment ended with.
    env = SkirmishEnv(map_name="2s3z")
    env.reset(seed=4)
    if policy == "random":
        for actions in loaded.orders:
            env.step(actions)
        table, last = env.vector.episode_state.table[0], loaded.tables[-1]
        alive = last["health"] > 0
        assert np.array_equal(table[alive], last[alive])
        assert np.array_equal(table["health"], last["health"])


def test_a_changed_replay_is_found(tmp_path):
    recorded = record_policy("3m", "heuristic", 1)
    recorded.tables["x"][100, 2] += 1e-3
    with pytest.raises(EnvError, match=r"differs at game loop 100, unit 2 \(marine\)"):
        replay.verify(recorded)
    object.__setattr__(recorded.header, "world", "0")
    with pytest.raises(EnvError, match="the map or the unit numbers are not those"):
        replay.verify(recorded)


@pytest.mark.parametrize("damage", [b"", b"SKIRMISH-REPLAY 3\n{}", replay.MAGIC + b"{}\nxx"])
def test_broken_replays_are_refused(tmp_path, damage):
    file = tmp_path / "x.skirmish"
    file.write_bytes(damage)
    with pytest.raises(EnvError, match=r"not a replay|damaged"):
        replay.load(file)
    with pytest.raises(EnvError, match="cannot read"):
        replay.load(tmp_path / "none.skirmish")


def file_of_format_1(recorded, file):
    """Write what was written before the header had the version of the engine."""
    data = replay.encode(recorded).removeprefix(replay.MAGIC)
    head, _, body = data.partition(b"\n")
    header = json.loads(head)
    del header["engine_version"]
    file.write_bytes(b"SKIRMISH-REPLAY 1\n" + json.dumps(header).encode() + b"\n" + body)


def file_of_another_engine(recorded, file):
    header = dataclasses.replace(recorded.header, engine_version=ENGINE_VERSION + 1)
    replay.save(dataclasses.replace(recorded, header=header), file)


THIS = ENGINE_VERSION
OLD = rf"x\.skirmish: a replay of format 1, recorded by engine version 1; this .* {THIS}, .*"
OTHER = rf"x\.skirmish: recorded by engine version {THIS + 1}, this is {THIS}: .*"


@pytest.mark.parametrize(
    ("write", "said"), [(file_of_format_1, OLD), (file_of_another_engine, OTHER)]
)
def test_replays_of_another_engine_are_refused_by_name(tmp_path, capsys, write, said):
    recorded = record_policy("3m", "stop", 1)
    assert recorded.header.engine_version == ENGINE_VERSION
    file = tmp_path / "x.skirmish"
    write(recorded, file)
    with pytest.raises(EnvError, match=said + "ecord it again, or check out"):
        replay.load(file)
    for words in (["verify", str(file)], ["export", str(file), str(tmp_path / "b.json")]):
        assert main(["replay", *words]) == 2
        assert re.search(said, capsys.readouterr().err)
    assert [path.name for path in tmp_path.iterdir()] == ["x.skirmish"]
    other = dataclasses.replace(recorded.header, engine_version=ENGINE_VERSION + 1)
    with pytest.raises(EnvError, match="replay of 3m: recorded by engine version"):
        replay.verify(dataclasses.replace(recorded, header=other))


def test_save_replay_writes_replay_and_viewer_file(tmp_path):
    env = SkirmishEnv(map_name="3m", replay_dir=str(tmp_path), replay_prefix="a/b")
    env.reset(seed=2)
    with pytest.raises(EnvError, match="nothing to replay"):
        env.save_replay()
    env.step([1, 1, 1])
    env.save_replay()
    env.save_replay()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        "a_b_seed=2-2.json",
        "a_b_seed=2-2.skirmish",
        "a_b_seed=2.json",
        "a_b_seed=2.skirmish",
    ]


def test_the_viewer_file_is_a_pymarl_battle():
    battle = battle_json(record_policy("3m", "heuristic", 1), every=8)
    assert (battle["format"], battle["version"], battle["backend"]) == ("pymarl-battle", 1, "sim")
    assert battle["engine_version"] == ENGINE_VERSION
    assert len(battle["units"]) == 6
    assert len(battle["frames"]) == len(battle["attacks"]) == len(battle["actions"]) + 1
    json.dumps(battle, allow_nan=False)


def test_films_are_written_or_refused(tmp_path):
    pytest.importorskip("PIL")
    recorded = record_policy("3m", "stop", 1)
    write_film(recorded, tmp_path / "b.gif", every=16)
    assert (tmp_path / "b.gif").read_bytes()[:3] == b"GIF"
    with pytest.raises(EnvError, match="unknown kind of film"):
        write_film(recorded, tmp_path / "b.avi")


SCRIPT = """
libNtve_gf_CreateUnitsWithDefaultFacing(3, "Marine_RL", 0, 1, PointFromId(5));
libNtve_gf_CreateUnitsWithDefaultFacing(2, "Marine", 0, 2, Point(12.0, 4.0));
UnitGroupIssueOrder(g, OrderTargetingPoint(AbilityCommand("attack", 0), PointFromId(5)), 0);
"""


def archive(tmp_path, script=SCRIPT):
    flags = b"\0" * 0x18 + struct.pack("<II", 16, 8) + bytes([1] * 16 + [2] * 112)
    heights = b"\0" * 64 + struct.pack("<HH", 2048, 0) * 17 * 9
    members = {
        "MapInfo": b"IpaM" + struct.pack("<II", 16, 8) + b"x\0\0" + struct.pack("<4i", 1, 1, 15, 7),
        "t3CellFlags": flags,
        "t3SyncHeightMap": heights,
        "Objects": b'<ObjectPoint Id="5" Position="4,4,8" Type="Normal"/>',
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


def test_pettingzoos_own_tests_pass():
    pytest.importorskip("pettingzoo")
    from pettingzoo.test import parallel_api_test, parallel_seed_test

    from pymarl.envs.skirmish.pettingzoo_env import SkirmishParallelEnv

    parallel_api_test(SkirmishParallelEnv(map_name="2s3z"), num_cycles=150)
    parallel_seed_test(lambda: SkirmishParallelEnv(map_name="3m"), num_cycles=60)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("maps", "27m_vs_30m"),
        ("show 2s3z", "order: attack_point (9, 16)"),
        ("bench --maps 3m --batch 1 --seconds 0.05 --json", '"api": "python"'),
        ("bench --copies --maps 3m --batch 2 --seconds 0.01 --json", '"call": "set_snapshot"'),
        ("balance --maps 3m --episodes 8 --policies stop", "| 3m | 0.0 /"),
    ],
)
def test_commands_print(capsys, line, message):
    assert main(line.split()) == 0
    assert message in capsys.readouterr().out


def test_commands_refuse_in_one_line(capsys, tmp_path):
    lines = [
        "show 2s4z",
        f"check {tmp_path / 'x.yaml'}",
        "balance --policies best",
        f"replay verify {tmp_path / 'x'}",
        f"replay record 3m {tmp_path / 'y'} --policy b",
    ]
    for line in lines:
        assert main(line.split()) == 2
        said = capsys.readouterr().err
        assert said.startswith("error: ")
        assert said.count("\n") == 1


def test_replay_commands(capsys, tmp_path):
    file = tmp_path / "r.skirmish"
    assert main(["replay", "record", "3m", str(file), "--policy", "stop"]) == 0
    assert main(["replay", "verify", str(file)]) == 0
    assert main(["replay", "export", str(file), str(tmp_path / "r.json")]) == 0
    assert json.loads((tmp_path / "r.json").read_text())["format"] == "pymarl-battle"
    assert "equal to the bit" in capsys.readouterr().out
