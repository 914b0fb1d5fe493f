"""docker/install-sc2.sh with a stand-in game archive from a server on this machine."""

import hashlib
import http.server
import os
import shutil
import subprocess
import threading
import zipfile

import pytest

from tests.support.workplace import ROOT

SCRIPT = ROOT / "docker/install-sc2.sh"


@pytest.fixture
def mirror(tmp_path):
    """A loopback server with a game zip (Blizzard's password) and maps, and their sums."""
    served = tmp_path / "served"
    game = tmp_path / "StarCraftII/Versions/Base75689/SC2_x64"
    game.parent.mkdir(parents=True)
    game.write_text("#!/bin/sh\n")
    served.mkdir()
    if None in map(shutil.which, ("zip", "unzip", "curl")):
        if os.environ.get("CI"):
            pytest.fail("zip, unzip and curl are needed: .ci/packages.sh")
        pytest.skip("needs zip, unzip and curl")
    subprocess.run(
        ["zip", "-q", "-r", "-P", "iagreetotheeula", str(served / "SC2.4.10.zip"), "StarCraftII"],
        cwd=tmp_path, check=True,
    )  # fmt: skip
    with zipfile.ZipFile(served / "SMAC_Maps.zip", "w") as archive:
        archive.writestr("SMAC_Maps/3m.SC2Map", b"map")
    sums = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in served.iterdir()}

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass

        def __init__(self, *words, **options):
            super().__init__(*words, directory=str(served), **options)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", sums
    server.shutdown()
    server.server_close()


def pins(folder, **changes):
    lines = {
        "SC2_4_10_URL": "https://example.invalid/SC2.4.10.zip",
        "SMAC_MAPS_URL": "https://example.invalid/SMAC_Maps.zip",
        **changes,
    }
    path = folder / "pins.env"
    path.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
    return path


def install(tmp_path, pin_file, **settings):
    out = tmp_path / "installed"
    done = subprocess.run(
        ["sh", str(SCRIPT), str(pin_file), str(out)],
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr, out


def test_right_sums_and_the_licence_install_game_and_maps(tmp_path, mirror):
    address, sums = mirror
    file = pins(
        tmp_path, SC2_4_10_SHA256=sums["SC2.4.10.zip"], SMAC_MAPS_SHA256=sums["SMAC_Maps.zip"]
    )
    code, said, out = install(
        tmp_path, file, SC2="4.10", ACCEPT_BLIZZARD_EULA="yes", SC2_MIRROR=address
    )
    assert code == 0, said
    assert (out / "Versions/Base75689/SC2_x64").is_file()
    assert (out / "Maps/SMAC_Maps/3m.SC2Map").read_bytes() == b"map"


@pytest.mark.parametrize("answer", ["", "no", "YES", "true"])
def test_without_the_licence_nothing_is_downloaded(tmp_path, answer):
    file = pins(tmp_path)
    code, said, out = install(tmp_path, file, SC2="4.10", ACCEPT_BLIZZARD_EULA=answer)
    assert code == 1
    assert "build with ACCEPT_BLIZZARD_EULA=yes" in said
    assert "downloading" not in said
    assert list(out.iterdir()) == []


def test_a_wrong_sum_stops_and_installs_nothing(tmp_path, mirror):
    address, sums = mirror
    file = pins(tmp_path, SC2_4_10_SHA256="0" * 64, SMAC_MAPS_SHA256=sums["SMAC_Maps.zip"])
    code, said, out = install(
        tmp_path, file, SC2="4.10", ACCEPT_BLIZZARD_EULA="yes", SC2_MIRROR=address
    )
    assert code == 1
    assert f"wrong checksum for SC2.4.10.zip: expected {'0' * 64}" in said
    assert sums["SC2.4.10.zip"] in said
    assert list(out.iterdir()) == []


def test_a_missing_sum_stops_and_shows_the_one_that_came(tmp_path, mirror):
    address, sums = mirror
    file = pins(tmp_path, SC2_4_10_SHA256=sums["SC2.4.10.zip"], SMAC_MAPS_SHA256="")
    code, said, out = install(
        tmp_path, file, SC2="4.10", ACCEPT_BLIZZARD_EULA="yes", SC2_MIRROR=address
    )
    assert code == 1
    assert (
        f"no checksum is pinned for SMAC_Maps.zip; what arrived has sha256 {sums['SMAC_Maps.zip']}"
        in said
    )
    assert list(out.iterdir()) == []


def test_an_unknown_version_lists_the_known_ones(tmp_path):
    code, said, _ = install(
        tmp_path, ROOT / "docker/pins.env", SC2="4.11", ACCEPT_BLIZZARD_EULA="yes"
    )
    assert code == 1
    assert "known: 4.10 4.6.2.69232" in said


def test_none_leaves_an_empty_folder(tmp_path):
    code, said, out = install(tmp_path, ROOT / "docker/pins.env", SC2="none")
    assert (code, said, list(out.iterdir())) == (0, "", [])
