"""The documentation site, built once for all test processes as CI builds it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[2]
HOOKS = ROOT / "docs" / "hooks"


def mkdocs(*words: object, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run mkdocs; its output is in ``stdout``."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", *map(str, words)],
        cwd=folder,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=280,
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The strictly built site; the first test process builds it, the others wait."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, log = shared / "documentation_site", shared / "documentation_site.log"
    with FileLock(shared / "documentation_site.lock"):
        if not log.exists():
            done = mkdocs("build", "--strict", "--site-dir", folder)
            log.write_text(f"{done.returncode}\n{done.stdout}")
    assert log.read_text().startswith("0\n"), log.read_text()
    return folder


@pytest.fixture
def hooks(monkeypatch):
    """docs/hooks on the path, as mkdocs puts it there."""
    monkeypatch.syspath_prepend(str(HOOKS))
