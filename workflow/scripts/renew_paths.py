"""Rewrite the paths in an environment whose folder was moved: renew_paths.py OLD NEW.

A virtual environment's programs name its Python by the path it was made at. Only text in ``bin/``
and ``pyvenv.cfg`` holds that path; the installed packages do not.
"""

import os
import re
import sys
from pathlib import Path


def renew(old: str, new: str) -> int:
    """Replace ``old`` by ``new`` in the programs of the environment at ``new``.

    Returns:
        how many files were changed; each takes its place in one piece and keeps its rights.
    """
    # Not the beginning of another name: /a/.venv in /a/.venv-old.
    pattern = re.compile(re.escape(os.fsencode(old)) + rb"(?![\w.-])")
    changed = 0
    for path in (*sorted(Path(new, "bin").iterdir()), Path(new, "pyvenv.cfg")):
        if path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        if b"\0" in content[:4096] or not pattern.search(content):
            continue
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_bytes(pattern.sub(lambda _: os.fsencode(new), content))
        temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
        changed += 1
    return changed


if __name__ == "__main__":
    sys.stdout.write(f"{renew(sys.argv[1], sys.argv[2])} files renewed\n")
