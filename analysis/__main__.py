"""Command line: ``python -m analysis <command>``; exit 0 done, 2 unusable input or usage."""

import sys

from analysis.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
