"""``python -m pymarl``."""

import os
import sys


def pin_threads(argv: list[str]) -> None:
    """Tell the BLAS and OpenMP libraries how many threads to use, before they are loaded.

    One unless ``threads=K`` is on the command line: with more, the small products of these networks
    get slower, and several runs on one machine get in each other's way.
    """
    given = [entry.removeprefix("threads=") for entry in argv if entry.startswith("threads=")]
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = given[-1] if given and given[-1].isdigit() else "1"


if __name__ == "__main__":
    pin_threads(sys.argv)
    from pymarl.main import main

    sys.exit(main(sys.argv[1:]))
