"""docker/{fetch,install-sc2}.sh with a stand-in for the game's archive from a loopback server."""

import pytest

from pymarl.envs.standin.protocol.local_map import placeholder
from tests.container.archives import file_name, pinned, write_pins
from tests.container.docker_scripts import LICENCE, call
from tests.support.workplace import ROOT


def test_right_sums_and_the_licence_install_game_and_maps(tmp_path, mirror):
    out = tmp_path / "installed"
    pins = write_pins(tmp_path / "pins.env", mirror.sources)
    settings = {"SC2": "4.10", "SC2_MIRROR": mirror.address, **LICENCE}
    code, said = call("install-sc2.sh", pins, out, **settings)
    assert code == 0, said
    # SMACv2's repository holds another 3m: SMAC's is the one that is installed.
    assert (out / "Maps/SMAC_Maps/3m.SC2Map").read_bytes() == placeholder("3m")
    assert (out / "Maps/SMAC_Maps/10gen_terran.SC2Map").read_bytes() == b"a map"
    assert f"StarCraft II 4.10 and 3 maps in {out}" in said
    assert (out / ".hidden").is_file()
    # The archive's owner could start it; so can the image's user.
    assert (out / "Versions/Base75689/SC2_x64").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("answer", ["", "no", "YES", "true"])
def test_without_the_licence_nothing_is_asked_for(tmp_path, mirror, answer):
    out = tmp_path / "installed"
    pins = write_pins(tmp_path / "pins.env", mirror.sources)
    settings = {"SC2": "4.10", "SC2_MIRROR": mirror.address, "ACCEPT_BLIZZARD_EULA": answer}
    code, said = call("install-sc2.sh", pins, out, **settings)
    assert code == 1
    assert "if you accept it, set ACCEPT_BLIZZARD_EULA=yes" in said
    assert mirror.asked == []
    assert list(out.iterdir()) == []


def test_a_wrong_sum_stops_and_installs_nothing(tmp_path, mirror):
    out = tmp_path / "installed"
    wrong = mirror.sources._replace(sums={"SC2_4_10": "0" * 64})
    pins = write_pins(tmp_path / "pins.env", wrong)
    settings = {"SC2": "4.10", "SC2_MIRROR": mirror.address, **LICENCE}
    code, said = call("install-sc2.sh", pins, out, **settings)
    got = mirror.sources.sums["SC2_4_10"]
    name = file_name("SC2_4_10")
    assert code == 1
    assert f"wrong checksum for {name}: expected {'0' * 64}, got {got}" in said
    assert list(out.iterdir()) == []


def test_a_missing_sum_stops_and_is_shown_as_a_line_to_paste(tmp_path, mirror):
    out = tmp_path / "installed"
    pins = write_pins(tmp_path / "pins.env", mirror.sources._replace(sums={}))
    settings = {"SC2": "4.10", "SC2_MIRROR": mirror.address, **LICENCE}
    code, said = call("install-sc2.sh", pins, out, **settings)
    assert code == 1
    assert list(out.iterdir()) == []
    (line,) = [line for line in said.splitlines() if "_SHA256=" in line]
    assert line == f"SC2_4_10_SHA256={mirror.sources.sums['SC2_4_10']}"
    # Pasted in place of the empty one it is what was missing.
    pins.write_text(pins.read_text().replace("SC2_4_10_SHA256=\n", f"{line}\n"))
    code, said = call("install-sc2.sh", pins, out, **settings)
    assert code == 0, said


def test_files_that_are_there_are_checked_and_not_fetched_again(tmp_path, mirror):
    pins = write_pins(tmp_path / "pins.env", mirror.sources)
    arguments = (pins, tmp_path / "got", "SC2_4_10")
    settings = {"SC2_MIRROR": mirror.address, **LICENCE}
    assert call("fetch.sh", *arguments, **settings)[0] == 0
    assert len(mirror.asked) == 1
    assert call("fetch.sh", *arguments, **settings) == (0, "")
    assert len(mirror.asked) == 1
    (tmp_path / "got" / file_name("SC2_4_10")).write_bytes(b"damaged")
    code, said = call("fetch.sh", *arguments, **settings)
    assert code == 1
    assert f"wrong checksum for {file_name('SC2_4_10')}" in said


def test_a_broken_download_leaves_no_half_file(tmp_path, mirror):
    pins = write_pins(tmp_path / "pins.env", mirror.sources)
    (tmp_path / "served" / file_name("SC2_4_10")).unlink()
    settings = {"SC2_MIRROR": mirror.address, **LICENCE}
    code, said = call("fetch.sh", pins, tmp_path / "got", "SC2_4_10", **settings)
    assert code == 1
    assert f"cannot download {file_name('SC2_4_10')}" in said
    assert list((tmp_path / "got").glob(file_name("SC2_4_10"))) == []


def test_a_mirrors_password_does_not_reach_the_log(tmp_path, mirror):
    pins = write_pins(tmp_path / "pins.env", mirror.sources)
    secret = mirror.address.replace("://", "://someone:hidden-password@")
    settings = {"SC2": "4.10", "SC2_MIRROR": secret, **LICENCE}
    code, said = call("install-sc2.sh", pins, tmp_path / "out", **settings)
    assert code == 0, said
    assert said.count("downloading http://***@127.0.0.1") == 3
    assert "hidden-password" not in said


def test_unknown_names_list_the_known_ones(tmp_path):
    pins = ROOT / "docker/pins.env"
    code, said = call("install-sc2.sh", pins, tmp_path, SC2="4.11", **LICENCE)
    assert code == 1
    assert "known: 4.10 4.6.2.69232" in said
    code, said = call("fetch.sh", pins, tmp_path, "SMACK")
    assert code == 1
    assert "known: SC2_4_10 SC2_4_6_2_69232" in said


@pytest.mark.parametrize("script", ["install-sc2.sh", "install-smac.sh"])
def test_none_leaves_an_empty_folder(tmp_path, script):
    out = tmp_path / "out"
    assert call(script, ROOT / "docker/pins.env", out, SC2="none") == (0, "")
    assert list(out.iterdir()) == []


def test_sums_are_sums_and_addresses_are_safe():
    pins = pinned()
    assert all(
        value.startswith("https://")
        for key, value in pins.items()
        if key.endswith(("_URL", "_GIT"))
    )
    for key, value in pins.items():
        if key.endswith("_SHA256") and value:
            assert len(bytes.fromhex(value)) == 32
