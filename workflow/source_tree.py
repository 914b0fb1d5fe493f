"""The source tree that the Snakefile belongs to."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCHEMAS = ROOT / "workflow" / "schemas"
SCRIPTS = ROOT / "workflow" / "scripts"


def git_commit(root: Path = ROOT) -> str:
    """Return the commit of the source, ``unknown`` outside a repository."""
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"
