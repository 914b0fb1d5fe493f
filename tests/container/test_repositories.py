"""docker/{fetch-git,install-smac,install-sc2}.sh with stand-ins for the two git repositories."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.container.archives import MAPS, commit, pinned, write_bundle, write_pins
from tests.container.docker_scripts import LICENCE, call
from tests.support.workplace import ROOT

NAMES = ("SMAC", "SMACV2")


@pytest.fixture
def repositories(tmp_path, mirror):
    """The folder with the two repositories (a mirror's bundles were made from them)."""
    return tmp_path / "served-git"


def imported(folder: Path) -> list[str]:
    """Where Python finds the two packages of ``folder``."""
    program = "import smac.env, smacv2.env; print(smac.env.__file__, smacv2.env.__file__)"
    command = [sys.executable, "-c", program]
    environment = {"PYTHONPATH": str(folder)}
    return subprocess.check_output(command, env=environment, text=True).split()


def bundles(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_both_are_installed_from_their_repositories_and_not_from_an_index(
    tmp_path, mirror, repositories
):
    out = tmp_path / "modules"
    pins = write_pins(tmp_path / "pins.env", mirror.sources, repositories)
    code, said = call("install-smac.sh", pins, out, SC2="4.10")
    assert code == 0, said
    assert imported(out) == [f"{out}/{package}/env/__init__.py" for package in ("smac", "smacv2")]
    # What they ask for (pysc2) is the lock file's business.
    assert not (out / "pysc2").exists()
    assert mirror.asked == []


def test_bundles_for_a_mirror_are_made_once_and_serve_a_build_without_the_repositories(
    tmp_path, mirror, repositories
):
    """The way of an air-gapped site: fetch where there is network, serve the folder, build."""
    there = write_pins(tmp_path / "pins.env", mirror.sources, repositories)
    folder = tmp_path / "for-the-mirror"
    code, said = call("fetch-git.sh", there, folder, *NAMES)
    assert code == 0, said
    commits = mirror.sources.commits
    assert bundles(folder) == {f"{name.lower()}-{commits[name]}.bundle" for name in NAMES}
    assert call("fetch-git.sh", there, folder, *NAMES) == (0, "")
    for path in folder.iterdir():
        (tmp_path / "served" / path.name).write_bytes(path.read_bytes())
    here = write_pins(tmp_path / "pins.env", mirror.sources)
    out = tmp_path / "modules"
    code, said = call("install-smac.sh", here, out, SC2="4.10", SC2_MIRROR=mirror.address)
    assert code == 0, said
    assert len(imported(out)) == 2


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_repository_without_the_commit_is_refused(tmp_path, mirror, repositories, mirrored):
    """Somebody changed the repository: the commit of its files is not the pinned one."""
    readme = repositories / "smac/smac/__init__.py"
    readme.write_text("import os\n")
    other = commit(repositories / "smac")
    pinned_commit = "1" * 40
    wrong = mirror.sources._replace(commits=mirror.sources.commits | {"SMAC": pinned_commit})
    pins = write_pins(tmp_path / "pins.env", wrong, repositories)
    out = tmp_path / "modules"
    settings = {"SC2": "4.10"}
    expected = f"holds no commit {pinned_commit} (the pin SMAC_COMMIT)"
    if mirrored:
        bundle = write_bundle(repositories / "smac", "SMAC", tmp_path / "served")
        bundle.rename(bundle.with_name(f"smac-{pinned_commit}.bundle"))
        settings["SC2_MIRROR"] = mirror.address
        expected = f"holds commit {other}, expected {pinned_commit}"
    code, said = call("install-smac.sh", pins, out, **settings)
    assert code == 1
    assert expected in said
    assert list(out.iterdir()) == []


def test_a_damaged_bundle_is_refused(tmp_path, mirror):
    (path,) = (tmp_path / "served").glob("smac-*.bundle")
    data = bytearray(path.read_bytes())
    data[-30] ^= 1
    path.write_bytes(bytes(data))
    pins = write_pins(tmp_path / "pins.env", mirror.sources)
    folder = tmp_path / "got"
    code, said = call("fetch-git.sh", pins, folder, "SMAC", SC2_MIRROR=mirror.address)
    assert code == 1
    assert f"{path.name} is damaged" in said
    assert bundles(folder) == set()


@pytest.mark.parametrize("how", ["changed", "missing"])
def test_a_map_that_is_not_smacs_stops_before_the_game_is_fetched(
    tmp_path, mirror, repositories, how
):
    path = repositories / "smac/smac" / MAPS / "3m.SC2Map"
    path.unlink() if how == "missing" else path.write_bytes(b"a marine more")
    held = mirror.sources.commits | {"SMAC": commit(repositories / "smac")}
    pins = write_pins(tmp_path / "pins.env", mirror.sources._replace(commits=held), repositories)
    out = tmp_path / "installed"
    code, said = call("install-sc2.sh", pins, out, SC2="4.10", **LICENCE)
    assert code == 1
    assert "not SMAC's (sums: docker/smac_maps.sha256); nothing was installed: 3m.SC2Map" in said
    assert "MMM2.SC2Map" not in said
    assert list(out.iterdir()) == []


def test_names_and_commits_are_checked_first(tmp_path, mirror):
    pins = write_pins(tmp_path / "pins.env", mirror.sources)
    code, said = call("fetch-git.sh", pins, tmp_path / "got", "SMACK")
    assert code == 1
    assert "known: SMAC SMACV2" in said
    pins.write_text(pins.read_text().replace(mirror.sources.commits["SMAC"], "main"))
    code, said = call("fetch-git.sh", pins, tmp_path / "got", "SMAC")
    assert code == 1
    assert "SMAC_COMMIT" in said
    assert "must be a whole commit id" in said
    assert not (tmp_path / "got").exists()


def test_the_products_pins_are_the_commits_and_maps_that_the_documentation_names():
    pins = pinned()
    assert pins["SMAC_COMMIT"] == "d6aab33f76abc3849c50463a8592a84f59a5ef84"
    assert pins["SMACV2_COMMIT"] == "577ab5a2cff2391f8df582da5731ea9cd6adf3c6"
    lines = (ROOT / "docker/smac_maps.sha256").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    folder = ROOT / "configs/maps"
    smac = {path.stem for path in folder.glob("*.yaml") if not path.stem.startswith("MarineMicro")}
    assert {name.removesuffix(".SC2Map") for name in sums} == smac
    assert len(sums) == 23
    assert all(len(bytes.fromhex(digest)) == 32 for digest in sums.values())
