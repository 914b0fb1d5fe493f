"""Another user of this machine, with a copy of the source that he cannot write to."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.workplace import ROOT, Workplace

NOBODY = 65534


def copy_source(target: Path) -> Path:
    """Copy what git knows of the working tree, as it is now, and the wheels of an offline build."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    wheels = [f"wheelhouse/{path.name}" for path in (ROOT / "wheelhouse").glob("*.whl")]
    for name in [*filter(None, listed.split("\0")), *wheels]:
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def lock(folder: Path) -> None:
    """Take away everybody's right to write."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222 | (0o555 if path.is_dir() else 0o444))


def become_nobody(groups: tuple[int, ...], folder: Path) -> list[str]:
    """The prefix that starts a command as ``nobody``.

    Where the Python environment is in a folder that is closed to others (root's home), nobody may
    read everything, but not write: the capability DAC_READ_SEARCH.

    Skips where the machine allows neither.
    """
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv, to become another user")
    kept = f"--groups={','.join(map(str, groups))}" if groups else "--clear-groups"
    plain = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", kept]
    reader = "-all,+dac_read_search"
    for prefix in (plain, [*plain, f"--inh-caps={reader}", f"--ambient-caps={reader}"]):
        # Twice: setpriv itself may still start what the user may not.
        probe = [*prefix, "sh", "-c", f"{sys.executable} -c 'import snakemake, torch'"]
        if subprocess.run(probe, cwd=folder, capture_output=True, check=False).returncode == 0:
            return prefix
    pytest.skip(f"the user nobody cannot use {sys.executable}")


@contextmanager
def unprivileged_workplace(groups: tuple[int, ...] = ()) -> Iterator[Workplace]:
    """A workplace of ``nobody``: read-only source, a folder and a home of his own."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="pymarl-nobody.") as name:
        top = Path(name)
        top.chmod(0o755)
        prefix = become_nobody(groups, top)
        root = copy_source(top / "source")
        lock(root)
        folder, home = top / "work", top / "home"
        for owned in (folder, home):
            owned.mkdir()
            os.chown(owned, NOBODY, NOBODY)
        place = Workplace(folder, root, prefix)
        place.env |= {"HOME": str(home), "PYTHONPATH": str(root), "USER": "nobody"}
        try:
            yield place
        finally:
            place.close()
