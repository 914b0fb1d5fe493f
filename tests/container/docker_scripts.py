"""Calls of docker/*.sh with chosen variables and no others."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.workplace import ROOT

LICENCE = {"ACCEPT_BLIZZARD_EULA": "yes"}


def call(script: str, *arguments: object, **settings: str) -> tuple[int, str]:
    """Run a script of docker/ with these variables alone: its exit code and all it said."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", str(ROOT / "docker" / script), *map(str, arguments)],
        env={"PATH": path, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr
