"""A folder with the stand-in for StarCraft II."""

import subprocess
import sys
from pathlib import Path


def install_standin(folder: Path) -> Path:
    """Write the folder, as a user would, and return it."""
    command = [sys.executable, "-m", "pymarl.envs.standin", "install", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder
