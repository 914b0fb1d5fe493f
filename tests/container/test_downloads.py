"""docker/{fetch,install-sc2,install-smac}.sh with stand-in archives from a loopback server."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pymarl.envs.standin.protocol.local_map import placeholder
from tests.container.archives import file_name, pinned, served, write_archives, write_pins
from tests.support.workplace import ROOT

LICENCE = {"ACCEPT_BLIZZARD_EULA": "yes"}


@pytest.fixture
def mirror(tmp_path):
    """The server's address, what it was asked for, and the right sums."""
    if None in map(shutil.which, ("zip", "unzip", "curl")):
        if os.environ.get("CI"):
            pytest.fail("zip, unzip and curl are needed: .ci/packages.sh")
        pytest.skip("needs zip, unzip and curl")
    sums = write_archives(tmp_path / "served")
    with served(tmp_path / "served") as (address, asked):
        yield address, asked, sums


def call(script, *arguments, **settings):
    """Run a script of docker/ with these variables and no others of ours."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", str(ROOT / "docker" / script), *map(str, arguments)],
        env={"PATH": path, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_right_sums_and_the_licence_install_game_and_maps(tmp_path, mirror):
    address, _, sums = mirror
    out = tmp_path / "installed"
    pins = write_pins(tmp_path / "pins.env", sums)
    code, said = call("install-sc2.sh", pins, out, SC2="4.10", SC2_MIRROR=address, **LICENCE)
    assert code == 0, said
    assert (out / "Maps/SMAC_Maps/3m.SC2Map").read_bytes() == placeholder("3m")
    assert (out / ".hidden").is_file()
    # The archive's owner could start it; so can the image's user.
    assert (out / "Versions/Base75689/SC2_x64").stat().st_mode & 0o777 == 0o755


def test_smac_is_installed_from_its_archive_and_not_from_an_index(tmp_path, mirror):
    address, _, sums = mirror
    out = tmp_path / "modules"
    pins = write_pins(tmp_path / "pins.env", sums)
    code, said = call("install-smac.sh", pins, out, SC2="4.10", SC2_MIRROR=address)
    assert code == 0, said
    found = subprocess.run(
        [sys.executable, "-c", "import smac.env; print(smac.env.STAND_IN, smac.env.__file__)"],
        env={"PYTHONPATH": str(out)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert found == ["True", str(out / "smac/env/__init__.py")]
    # What it asks for (pysc2) is the lock file's business.
    assert not (out / "pysc2").exists()


@pytest.mark.parametrize("answer", ["", "no", "YES", "true"])
def test_without_the_licence_nothing_is_asked_for(tmp_path, mirror, answer):
    address, asked, sums = mirror
    out = tmp_path / "installed"
    pins = write_pins(tmp_path / "pins.env", sums)
    code, said = call(
        "install-sc2.sh", pins, out, SC2="4.10", SC2_MIRROR=address, ACCEPT_BLIZZARD_EULA=answer
    )
    assert code == 1
    assert "if you accept it, set ACCEPT_BLIZZARD_EULA=yes" in said
    assert asked == []
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("script", "name"),
    [("install-sc2.sh", "SC2_4_10"), ("install-sc2.sh", "SMAC_MAPS"), ("install-smac.sh", "SMAC")],
)
def test_a_wrong_sum_stops_and_installs_nothing(tmp_path, mirror, script, name):
    address, _, sums = mirror
    out = tmp_path / "installed"
    pins = write_pins(tmp_path / "pins.env", sums | {name: "0" * 64})
    code, said = call(script, pins, out, SC2="4.10", SC2_MIRROR=address, **LICENCE)
    assert code == 1
    assert f"wrong checksum for {file_name(name)}: expected {'0' * 64}, got {sums[name]}" in said
    assert list(out.iterdir()) == []


def test_missing_sums_stop_and_are_shown_as_lines_to_paste(tmp_path, mirror):
    address, _, sums = mirror
    out = tmp_path / "installed"
    pins = write_pins(tmp_path / "pins.env", {})
    code, said = call("install-sc2.sh", pins, out, SC2="4.10", SC2_MIRROR=address, **LICENCE)
    assert code == 1
    assert list(out.iterdir()) == []
    lines = [line for line in said.splitlines() if "_SHA256=" in line]
    assert lines == [f"{name}_SHA256={sums[name]}" for name in ("SMAC_MAPS", "SC2_4_10")]
    # Pasted in place of the empty ones they are what was missing.
    text = pins.read_text()
    for line in lines:
        text = text.replace(f"{line.split('=')[0]}=\n", f"{line}\n")
    pins.write_text(text)
    code, said = call("install-sc2.sh", pins, out, SC2="4.10", SC2_MIRROR=address, **LICENCE)
    assert code == 0, said


def test_files_that_are_there_are_checked_and_not_fetched_again(tmp_path, mirror):
    address, asked, sums = mirror
    pins = write_pins(tmp_path / "pins.env", sums)
    arguments = (pins, tmp_path / "got", "SMAC_MAPS", "SMAC")
    assert call("fetch.sh", *arguments, SC2_MIRROR=address)[0] == 0
    assert len(asked) == 2
    assert call("fetch.sh", *arguments, SC2_MIRROR=address) == (0, "")
    assert len(asked) == 2
    (tmp_path / "got" / file_name("SMAC")).write_bytes(b"damaged")
    code, said = call("fetch.sh", *arguments, SC2_MIRROR=address)
    assert code == 1
    assert f"wrong checksum for {file_name('SMAC')}" in said


def test_a_broken_download_leaves_no_half_file(tmp_path, mirror):
    address, _, sums = mirror
    pins = write_pins(tmp_path / "pins.env", sums)
    (tmp_path / "served" / file_name("SMAC")).unlink()
    code, said = call("fetch.sh", pins, tmp_path / "got", "SMAC", SC2_MIRROR=address)
    assert code == 1
    assert f"cannot download {file_name('SMAC')}" in said
    assert not (tmp_path / "got" / file_name("SMAC")).exists()


def test_a_mirrors_password_does_not_reach_the_log(tmp_path, mirror):
    address, _, sums = mirror
    pins = write_pins(tmp_path / "pins.env", sums)
    secret = address.replace("://", "://someone:hidden-password@")
    code, said = call("fetch.sh", pins, tmp_path / "got", "SMAC", SC2_MIRROR=secret)
    assert code == 0, said
    assert "downloading http://***@127.0.0.1" in said
    assert "hidden-password" not in said


def test_unknown_names_list_the_known_ones(tmp_path):
    pins = ROOT / "docker/pins.env"
    code, said = call("install-sc2.sh", pins, tmp_path, SC2="4.11", **LICENCE)
    assert code == 1
    assert "known: 4.10 4.6.2.69232" in said
    code, said = call("fetch.sh", pins, tmp_path, "SMACK")
    assert code == 1
    assert "known: SC2_4_10 SC2_4_6_2_69232 SMAC_MAPS SMAC" in said


@pytest.mark.parametrize("script", ["install-sc2.sh", "install-smac.sh"])
def test_none_leaves_an_empty_folder(tmp_path, script):
    out = tmp_path / "out"
    assert call(script, ROOT / "docker/pins.env", out, SC2="none") == (0, "")
    assert list(out.iterdir()) == []


def test_the_pins_name_one_commit_of_smac_and_sums_are_sums():
    pins = pinned()
    assert pins["SMAC_COMMIT"] in pins["SMAC_URL"]
    assert all(url.startswith("https://") for key, url in pins.items() if key.endswith("_URL"))
    for key, value in pins.items():
        if key.endswith("_SHA256") and value:
            assert len(bytes.fromhex(value)) == 32
