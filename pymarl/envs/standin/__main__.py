"""Command line of the stand-in: ``python -m pymarl.envs.standin install|serve``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pymarl.envs.standin import launch
from pymarl.errors import PymarlError


def parser() -> argparse.ArgumentParser:
    """Return the command line's definition."""
    top = argparse.ArgumentParser(prog="python -m pymarl.envs.standin", description=__doc__)
    sub = top.add_subparsers(dest="command", required=True)
    install = sub.add_parser("install", help="write a StarCraft II folder that holds the stand-in")
    install.add_argument("folder", type=Path, help="a new or empty folder, the future SC2PATH")
    install.add_argument(
        "--force", action="store_true", help="renew a stand-in of another Python or checkout"
    )
    sub.add_parser(
        "serve",
        help="serve one client; takes the flags of the game's executable "
        "(-listen HOST -port PORT -dataDir DIR -tempDir DIR ...)",
    )
    return top


def _install(folder: Path, *, force: bool) -> None:
    """Write the folder, and compile what a first launch would have to compile."""
    from pymarl.envs.standin.installer import install
    from pymarl.envs.standin.kernel_warmup import warm_up

    count = install(folder, force=force)
    root = folder.expanduser().absolute()
    print(f"{root}: {count} maps; a stand-in, not StarCraft II")
    warm_up()
    print(f"use it with: export SC2PATH={root}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 2 after one line about what was wrong."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["serve"] and not {"-h", "--help"} & set(arguments):
        return launch.main(arguments[1:])
    args = parser().parse_args(arguments)
    try:
        _install(args.folder, force=args.force)
    except PymarlError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
