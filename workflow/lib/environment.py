"""The environment that jobs on this machine inherit."""

import os
import sys
from pathlib import Path


def put_own_python_first() -> None:
    """Make ``python`` in every job's shell the interpreter that runs Snakemake.

    A rule can then say ``python -m pymarl`` and mean the virtual environment here and the image's
    own Python in a container, which does not inherit PATH.
    """
    own = str(Path(sys.executable).parent)
    words = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if words[0] != own:
        os.environ["PATH"] = os.pathsep.join([own, *words])
