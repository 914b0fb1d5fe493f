"""`make setup` in a checkout that was moved: noticed, and the environment's paths are renewed."""

import shutil
import subprocess
import sys
import venv

import pytest

from tests.support.workplace import ROOT

# The environment's Python, with what the set-up would install there already.
PYTHON = f"""\
#!/bin/sh
case "$*" in
    "-m pip "*) echo "pip $*" >> pip.journal; echo "No broken requirements found."; exit 0 ;;
    *importlib.metadata*) echo 2.13.0+cpu; exit 0 ;;
    *"import torch"*) exit 0 ;;
esac
exec {sys.executable} "$@"
"""


def set_up(folder):
    """Run the set-up script of the checkout in ``folder``."""
    done = subprocess.run(
        ["sh", "workflow/scripts/setup.sh", "runtime"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "TORCH": "cpu"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def checkout(tmp_path):
    """A checkout with an environment that is ready."""
    folder = tmp_path / "old place"
    scripts = folder / "workflow/scripts"
    scripts.mkdir(parents=True)
    for name in ("setup.sh", "renew_paths.py"):
        shutil.copy(ROOT / "workflow/scripts" / name, scripts)
    for name in ("pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, folder)
    programs = folder / ".venv/bin"
    venv.create(folder / ".venv", symlinks=True)
    (programs / "python").unlink()
    (programs / "python").write_text(PYTHON)
    (programs / "tool").write_text(f"#!{programs}/python\nprint('{programs.parent}-other')\n")
    for name in ("python", "tool"):
        (programs / name).chmod(0o755)
    assert "ready" in set_up(folder)
    assert set_up(folder) == ""  # nothing to do
    return folder


def test_the_programs_of_a_moved_environment_start_its_own_python(checkout):
    moved = checkout.with_name("new")
    checkout.rename(moved)
    said = set_up(moved)
    assert f".venv was made at {checkout}/.venv: this checkout was moved or copied" in said
    assert "its paths are those of this folder again" in said
    assert "ready" in said
    bin_folder = moved / ".venv/bin"
    tool = bin_folder / "tool"
    assert tool.read_text().splitlines() == [
        f"#!{bin_folder}/python",
        f"print('{checkout}/.venv-other')",  # another folder, whose name only begins so
    ]
    assert tool.stat().st_mode & 0o777 == 0o755
    assert f"{checkout}/.venv\n" not in (bin_folder / "activate").read_text()
    # The project itself is installed again from here.
    assert "-e ." in (moved / "pip.journal").read_text().splitlines()[-2]
    assert set_up(moved) == ""


def test_a_copy_beside_the_original_is_noticed_too_and_a_link_is_none(checkout):
    copy = checkout.with_name("copy")
    shutil.copytree(checkout, copy, symlinks=True)
    assert "moved or copied" in set_up(copy)
    assert set_up(checkout) == ""
    link = checkout.with_name("link")
    link.symlink_to(checkout)
    assert "moved" not in set_up(link)


def test_an_environment_at_a_long_path_is_made_anew(checkout, monkeypatch):
    moved = checkout.with_name("n" * 110)
    checkout.rename(moved)
    done = subprocess.run(
        ["sh", "workflow/scripts/setup.sh", "runtime"],
        cwd=moved,
        env={"PATH": "/usr/bin:/bin", "TORCH": "cpu", "PYTHON": "no-such-python"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "making it anew" in done.stdout
    assert "no Python 3.11 or newer found" in done.stderr
    assert done.returncode == 1
