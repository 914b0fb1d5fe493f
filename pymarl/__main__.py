"""``python -m pymarl``, and the command ``pymarl`` of an installed package."""

import sys

from pymarl.utils.threads import pin_threads


def main() -> int:
    """Run the command line of this process and return its exit code."""
    # Before torch and numpy are imported: their libraries read the number of threads then.
    pin_threads(sys.argv)
    from pymarl.main import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
