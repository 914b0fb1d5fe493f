"""Stand-in archives of the game, its maps and SMAC, and a server for them on this machine."""

import hashlib
import http.server
import io
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pymarl.envs.standin import version
from pymarl.envs.standin.installer import wrapper
from pymarl.envs.standin.protocol.local_map import placeholder
from tests.support.workplace import ROOT

SMAC_SETUP = """\
from setuptools import setup

setup(name="SMAC", version="1.0.0", packages=["smac", "smac.env"], install_requires=["pysc2"])
"""


def pinned() -> dict[str, str]:
    """The lines of docker/pins.env."""
    lines = (ROOT / "docker/pins.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def file_name(name: str) -> str:
    """The file that a pin downloads."""
    return pinned()[f"{name}_URL"].rpartition("/")[2]


def write_game(root: Path) -> None:
    """Write what looks like StarCraft II and starts the image's own stand-in for it."""
    launch = Path("/opt/pymarl-pipeline/pymarl/envs/standin/launch.py")
    game = root / version.EXECUTABLE
    game.parent.mkdir(parents=True)
    game.write_text(wrapper("/opt/venv/bin/python", launch))
    game.chmod(0o700)
    (root / version.FOLDER_MARKER).write_text("{}")
    (root / ".hidden").touch()


def write_archives(folder: Path) -> dict[str, str]:
    """Write the stand-ins into ``folder``; return the SHA-256 of each pin's file."""
    folder.mkdir(parents=True, exist_ok=True)
    write_game(folder / "StarCraftII")
    # zip knows Blizzard's kind of password; Python only reads it.
    subprocess.run(
        ["zip", "-q", "-r", "-P", "iagreetotheeula", file_name("SC2_4_10"), "StarCraftII"],
        cwd=folder,
        check=True,
    )
    with zipfile.ZipFile(folder / file_name("SMAC_MAPS"), "w") as archive:
        archive.writestr("SMAC_Maps/3m.SC2Map", placeholder("3m"))
    top = f"smac-{pinned()['SMAC_COMMIT']}"
    with tarfile.open(folder / file_name("SMAC"), "w:gz") as archive:
        for name, text in {
            "setup.py": SMAC_SETUP,
            "smac/__init__.py": "",
            "smac/env/__init__.py": "STAND_IN = True\n",
        }.items():
            info = tarfile.TarInfo(f"{top}/{name}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return {
        name: hashlib.sha256((folder / file_name(name)).read_bytes()).hexdigest()
        for name in ("SC2_4_10", "SMAC_MAPS", "SMAC")
    }


def write_pins(path: Path, sums: dict[str, str]) -> Path:
    """Write pins.env with other sums; the addresses are the real file names on no real server."""
    lines = pinned()
    for key in lines:
        name, _, kind = key.rpartition("_")
        if kind == "URL":
            lines[key] = f"https://example.invalid/{file_name(name)}"
        elif kind == "SHA256":
            lines[key] = sums.get(name, "")
    path.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
    return path


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve a folder on the loopback interface: its address, and what was asked for so far."""
    asked: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, directory=str(folder), **options)

        def log_message(self, *arguments):
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
