"""``python -m analysis``, installed ``pymarl-analysis``; exit 0 done, 2 unusable input or usage."""

import sys

from analysis.cli import main as run


def main() -> int:
    """Run the command line of this process and return its exit code."""
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
