"""Which map a client means: placeholders, map files, archives, paths."""

import pytest
import yaml

from pymarl.envs.smac.maps.map_spec import map_names
from pymarl.envs.standin.protocol.local_map import placeholder, requested_map
from pymarl.errors import MapError
from tests.envs.standin.clients.api_clients import LocalClient
from tests.envs.standin.clients.api_requests import create

MINE = {
    "name": "mine",
    "terrain": "smac_flat",
    "limit": 50,
    "map_type": "custom",
    "ally": {"race": "T", "units": [{"type": "marine", "count": 2, "at": [9, 16]}]},
    "enemy": {
        "race": "Z",
        "units": [{"type": "zergling", "count": 3, "at": [20, 16]}],
        "order": {"kind": "attack_point", "points": [[9, 16]]},
    },
}


@pytest.mark.parametrize("name", map_names())
def test_a_placeholder_names_its_map_whatever_the_path(name):
    data = placeholder(name)
    assert b"not a StarCraft II map" in data
    assert requested_map("any/path.SC2Map", data).name == name


@pytest.mark.parametrize(
    "path", ["SMAC_Maps/3m.SC2Map", "3m.SC2Map", "3m", r"C:\Games\Maps\3m.SC2Map"]
)
def test_a_path_names_a_built_in_map(path):
    assert requested_map(path, b"").name == "3m"


def test_a_real_archive_of_a_built_in_map_is_the_built_in_map():
    assert requested_map("SMAC_Maps/2s3z.SC2Map", b"MPQ\x1b" + bytes(100)).name == "2s3z"


def test_a_map_file_of_ones_own_is_played():
    data = yaml.safe_dump(MINE).encode()
    assert requested_map("SMAC_Maps/other.SC2Map", data).name == "mine"
    game = LocalClient().play("other", 1, data)
    units = game.units()
    assert [unit.unit_type for unit in units] == [1970, 1970, 105, 105, 105]


def test_a_wrong_map_file_is_refused_with_its_reason():
    broken = dict(MINE, limit="soon")
    answer = LocalClient().ask(create_game=create("other", 1, yaml.safe_dump(broken).encode()))
    assert answer.error_details.startswith("other: limit: expected an integer")
    assert "/tmp" not in answer.error_details


@pytest.mark.parametrize("data", [b"\0" * 100, b"x" * (5 << 20)])
def test_bytes_that_are_no_map_are_refused(data):
    with pytest.raises(MapError, match="neither a StarCraft II archive nor a map file"):
        requested_map("other.SC2Map", data)


def test_a_placeholder_without_a_name_is_refused():
    with pytest.raises(MapError, match="second line is 'map: <name>'"):
        requested_map("x", placeholder("3m").replace(b"map: 3m", b"nothing"))
    with pytest.raises(MapError, match="did you mean '3m'"):
        requested_map("x", placeholder("3mm"))


def test_a_map_named_by_path_alone_is_read_from_the_games_folder(tmp_path):
    folder = tmp_path / "Maps"
    folder.mkdir()
    (folder / "own.SC2Map").write_text(yaml.safe_dump(MINE), encoding="utf-8")
    (tmp_path / "secret.SC2Map").write_text(yaml.safe_dump(MINE), encoding="utf-8")
    assert requested_map("own.SC2Map", b"", folder).name == "mine"
    for path in ("../secret.SC2Map", str(tmp_path / "secret.SC2Map")):
        with pytest.raises(MapError, match="unknown map"):
            requested_map(path, b"", folder)
    game = LocalClient(folder)
    request = create("own", 1)
    request.local_map.map_path = "own.SC2Map"
    assert not game.ask(create_game=request).HasField("error")


def test_an_archive_that_cannot_be_read_says_so():
    with pytest.raises(MapError, match="reads simple maps only"):
        requested_map("other.SC2Map", b"MPQ\x1a" + bytes(200))
