"""The engine's version is honest: its battles are, to the bit, the stored ones of that version."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from pymarl.envs.skirmish.engine_version import ENGINE_VERSION, VERSIONS, check_engine_version
from pymarl.envs.skirmish.maps import unit_data
from pymarl.envs.skirmish.replays.record_episodes import record_policy
from pymarl.errors import EnvError
from tests.golden import engine_hashes

DOCS = Path(__file__).resolve().parents[2] / "docs" / "environments" / "simulator.md"


def test_the_engine_plays_the_battles_of_its_version():
    wrong = engine_hashes.complaint(engine_hashes.engine_hashes(), engine_hashes.stored())
    assert wrong is None, wrong


def test_a_changed_engine_is_noticed(monkeypatch):
    marine = unit_data.UNITS["marine"]
    key = "3m heuristic"
    known = engine_hashes.stored()[ENGINE_VERSION]
    assert engine_hashes.battle_hash(record_policy("3m", "heuristic", 3)) == known[key]
    monkeypatch.setitem(unit_data.UNITS, "marine", replace(marine, speed=marine.speed + 1e-6))
    found = {**known, key: engine_hashes.battle_hash(record_policy("3m", "heuristic", 3))}
    said = engine_hashes.complaint(found, engine_hashes.stored())
    assert f"1 of {len(known)} battles differ (3m heuristic)" in said
    for part in (
        "raise ENGINE_VERSION",
        "docs/environments/simulator.md",
        "engine_hashes --update",
    ):
        assert part in said


def test_a_new_version_needs_its_hashes_and_old_ones_stay(monkeypatch, tmp_path):
    known = engine_hashes.stored()
    said = engine_hashes.complaint(known[ENGINE_VERSION], known, ENGINE_VERSION + 1)
    assert f"no hashes are stored for engine version {ENGINE_VERSION + 1}" in said
    # The script never replaces a version's hashes by itself.
    monkeypatch.setattr(engine_hashes, "FILE", tmp_path / "hashes.json")
    (tmp_path / "hashes.json").write_text(f'{{"{ENGINE_VERSION}": {{"3m random": "0"}}}}')
    monkeypatch.setattr(engine_hashes, "engine_hashes", lambda: {"3m random": "1"})
    with pytest.raises(SystemExit, match="has other hashes already: raise it"):
        engine_hashes.store(replace=False)
    assert engine_hashes.stored() == {ENGINE_VERSION: {"3m random": "0"}}
    engine_hashes.store(replace=True)
    assert engine_hashes.stored() == {ENGINE_VERSION: {"3m random": "1"}}


def test_versions_are_counted_and_described():
    assert list(VERSIONS) == list(range(1, ENGINE_VERSION + 1))
    assert sorted(engine_hashes.stored()) == list(VERSIONS)
    described = re.findall(r"^### Version (\d+)", DOCS.read_text(), re.MULTILINE)
    assert set(map(str, VERSIONS)) <= set(described)


def test_recordings_of_another_version_are_refused():
    check_engine_version(ENGINE_VERSION, "a.skirmish")
    other = ENGINE_VERSION + 1
    match = rf"a\.skirmish: recorded by engine version {other}, this is {ENGINE_VERSION}: .*again"
    with pytest.raises(EnvError, match=match):
        check_engine_version(other, "a.skirmish")
