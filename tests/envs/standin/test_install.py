"""The folder: what is written, and what is never touched."""

import json
import stat
import subprocess
import sys

import pytest

from pymarl.envs.smac.maps.map_spec import map_names
from pymarl.envs.standin import __main__ as command_line
from pymarl.envs.standin import kernel_warmup
from pymarl.envs.standin.installer import install, is_standin_folder
from pymarl.errors import ConfigError


def test_the_folder_is_one_that_clients_take_for_the_game(sc2path):
    executable = sc2path / "Versions" / "Base75689" / "SC2_x64"
    assert executable.stat().st_mode & stat.S_IXUSR
    assert executable.read_text(encoding="utf-8").startswith("#!/bin/sh\n# stand-in, not")
    assert [path.name for path in (sc2path / "Versions").iterdir()] == ["Base75689"]
    maps = sorted(path.stem for path in (sc2path / "Maps" / "SMAC_Maps").iterdir())
    assert maps == sorted(map_names())
    assert (sc2path / "Libs").is_dir()
    assert is_standin_folder(sc2path)
    marker = json.loads((sc2path / "STANDIN.json").read_text(encoding="utf-8"))
    assert marker["what"] == "stand-in, not StarCraft II"
    assert "It is none" in (sc2path / "README.txt").read_text(encoding="utf-8")
    # No file of the game, and nothing that could be mistaken for one.
    assert all(
        b"This is not a StarCraft II map" in path.read_bytes()
        for path in (sc2path / "Maps" / "SMAC_Maps").iterdir()
    )


def test_installing_twice_changes_nothing(tmp_path):
    install(tmp_path / "a")
    before = {path: path.read_bytes() for path in (tmp_path / "a").rglob("*") if path.is_file()}
    (tmp_path / "a" / "README.txt").unlink()
    install(tmp_path / "a")
    after = {path: path.read_bytes() for path in (tmp_path / "a").rglob("*") if path.is_file()}
    assert after == before


def test_a_stand_in_of_another_python_is_renewed_with_force_only(tmp_path, monkeypatch):
    install(tmp_path / "a")
    monkeypatch.setattr(sys, "executable", "/other/python")
    with pytest.raises(ConfigError, match="--force"):
        install(tmp_path / "a")
    install(tmp_path / "a", force=True)
    wrapper = tmp_path / "a" / "Versions" / "Base75689" / "SC2_x64"
    assert "'/other/python'" in wrapper.read_text(encoding="utf-8")


def a_game(folder, file, content=b"\x7fELF"):
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize(
    "file", [".build.info", "SC2Data/x", "Versions/Base75689/SC2_x64", "Versions/Base69232/SC2_x64"]
)
def test_a_game_is_never_overwritten(tmp_path, file, force):
    path = a_game(tmp_path, file)
    with pytest.raises(ConfigError, match="StarCraft II is installed here"):
        install(tmp_path, force=force)
    assert path.read_bytes() == b"\x7fELF"
    assert not (tmp_path / "STANDIN.json").exists()


@pytest.mark.parametrize("file", ["Versions/Base75689/SC2_x64", "Versions/Base80949/SC2_x64"])
def test_a_game_that_was_unpacked_over_a_stand_in_is_not_overwritten_either(tmp_path, file):
    install(tmp_path)
    path = a_game(tmp_path, file)
    with pytest.raises(ConfigError, match="StarCraft II is installed here"):
        install(tmp_path, force=True)
    assert path.read_bytes() == b"\x7fELF"


def test_other_folders_and_files_are_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match="not empty and no stand-in"):
        install(tmp_path, force=True)
    with pytest.raises(ConfigError, match="this is a file"):
        install(tmp_path / "notes.txt")
    with pytest.raises(ConfigError, match="cannot write"):
        install(tmp_path / "notes.txt" / "below")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt"]


def test_names_with_quotes_and_spaces_work(tmp_path, monkeypatch):
    strange = tmp_path / "it's a folder" / "python"
    strange.parent.mkdir()
    strange.symlink_to("/bin/echo")
    monkeypatch.setattr(sys, "executable", str(strange))
    install(tmp_path / "a b")
    done = subprocess.run(
        [tmp_path / "a b" / "Versions/Base75689/SC2_x64", "-port", "a b"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("-I ")
    assert done.stdout.endswith("launch.py -port a b\n")


def test_the_command_line(tmp_path, capsys, monkeypatch):
    warmed = []
    monkeypatch.setattr(kernel_warmup, "warm_up", lambda: warmed.append(1))
    assert command_line.main(["install", str(tmp_path / "a")]) == 0
    said = capsys.readouterr().out
    assert "29 maps; a stand-in, not StarCraft II" in said
    assert f"export SC2PATH={tmp_path / 'a'}" in said
    assert warmed
    (tmp_path / "b").write_text("")
    assert command_line.main(["install", str(tmp_path / "b")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1


def test_warming_up_compiles_what_a_first_client_would_wait_for():
    from pymarl.envs.standin.battle import battle_kernels as kernels

    kernel_warmup.play_short_battle()
    for kernel in (kernels.run_loops, kernels.apply_commands, kernels.kill):
        assert kernel.signatures


def test_one_process_warms_up_once(tmp_path, monkeypatch):
    played = []
    monkeypatch.setattr(kernel_warmup, "play_short_battle", lambda: played.append(1))
    assert kernel_warmup.warm_up(tmp_path / "cache")
    assert not kernel_warmup.warm_up(tmp_path / "cache")
    assert played == [1]


def test_many_processes_warm_up_in_one(tmp_path):
    code = (
        "import sys, time; from pathlib import Path\n"
        "from pymarl.envs.standin import kernel_warmup\n"
        "kernel_warmup.play_short_battle = lambda: time.sleep(0.5)\n"
        "print(kernel_warmup.warm_up(Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "cache")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = sorted(process.communicate()[0] for process in processes)
    assert said == ["False\n", "False\n", "True\n"]


def test_a_cache_that_cannot_be_written_is_no_reason_to_fail(tmp_path, monkeypatch):
    monkeypatch.setattr(kernel_warmup, "play_short_battle", lambda: None)
    (tmp_path / "file").write_text("")
    assert not kernel_warmup.warm_up(tmp_path / "file" / "cache")
