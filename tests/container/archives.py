"""Stand-ins for the game's archive and the repositories of SMAC(v2), and a server for them."""

import hashlib
import http.server
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pymarl.envs.standin import version
from pymarl.envs.standin.installer import wrapper
from pymarl.envs.standin.protocol.local_map import placeholder
from tests.support.workplace import ROOT

SETUP = """\
from setuptools import setup

setup(
    name="{name}", version="1.0.0", install_requires=["pysc2"],
    packages=["{package}", "{package}.env"],
)
"""
MAPS = "env/starcraft2/maps/SMAC_Maps"
# Nobody's settings and clock are in a commit's id.
GIT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "A"), ("EMAIL", "a@b.invalid"), ("DATE", "1700000000 +0000"))
    },
}


class Sources(NamedTuple):
    """What proves the stand-ins: SHA-256 of archives and maps, commits of repositories."""

    sums: dict[str, str]
    commits: dict[str, str]
    maps: dict[str, str]


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


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder without anybody's settings; return what it prints."""
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(
        command, env=GIT, capture_output=True, text=True, check=True
    ).stdout.strip()


def write_repository(folder: Path, package: str, maps: Mapping[str, bytes]) -> str:
    """Write a repository with a package and maps, as SMAC's and SMACv2's; return its commit."""
    files = {
        "setup.py": SETUP.format(name=package.upper(), package=package).encode(),
        f"{package}/__init__.py": b"",
        f"{package}/env/__init__.py": b"STAND_IN = True\n",
        **{f"{package}/{MAPS}/{name}.SC2Map": data for name, data in maps.items()},
    }
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return commit(folder)


def commit(folder: Path) -> str:
    """Commit everything in a repository; return the commit's id."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "as it is")
    return git(folder, "rev-parse", "HEAD")


def write_bundle(repository: Path, name: str, folder: Path) -> Path:
    """Write the newest commit as the bundle that docker/fetch-git.sh looks for on a mirror."""
    head = git(repository, "rev-parse", "HEAD")
    git(repository, "update-ref", "refs/heads/pinned", head)
    path = folder / f"{name.lower()}-{head}.bundle"
    git(repository, "bundle", "create", "--quiet", str(path), "refs/heads/pinned")
    return path


def write_archives(folder: Path) -> Sources:
    """Write the game's archive and the repositories' bundles into ``folder``, as a mirror has them.

    The repositories themselves are beside it: ``<folder>-git/smac`` and ``<folder>-git/smacv2``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_game(folder / "StarCraftII")
    archive = file_name("SC2_4_10")
    # zip knows Blizzard's kind of password; Python only reads it.
    command = ["zip", "-q", "-r", "-P", "iagreetotheeula", archive, "StarCraftII"]
    subprocess.run(command, cwd=folder, check=True)
    maps = {"3m": placeholder("3m"), "MMM2": placeholder("MMM2")}
    commits = {}
    for name, held in (("SMAC", maps), ("SMACV2", {"3m": b"another", "10gen_terran": b"a map"})):
        repository = Path(f"{folder}-git") / name.lower()
        commits[name] = write_repository(repository, name.lower(), held)
        write_bundle(repository, name, folder)
    return Sources(
        {"SC2_4_10": _sha256((folder / archive).read_bytes())},
        commits,
        {f"{name}.SC2Map": _sha256(data) for name, data in maps.items()},
    )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write_pins(path: Path, sources: Sources, repositories: Path | None = None) -> Path:
    """Write pins.env and smac_maps.sha256 for the stand-ins; addresses are on no real server.

    ``repositories``: the folder in which smac and smacv2 are, as the repositories' addresses.
    """
    lines = pinned()
    for key in lines:
        name, _, kind = key.rpartition("_")
        if kind == "URL":
            lines[key] = f"https://example.invalid/{file_name(name)}"
        elif kind == "SHA256":
            lines[key] = sources.sums.get(name, "")
        elif kind == "COMMIT":
            lines[key] = sources.commits.get(name, "0" * 40)
        elif kind == "GIT":
            at = repositories or Path("/nowhere")
            lines[key] = f"file://{at}/{name.lower()}"
    path.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
    sums = "".join(f"{digest}  {name}\n" for name, digest in sources.maps.items())
    path.with_name("smac_maps.sha256").write_text(sums)
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
