"""CPU threads of one run: BLAS and OpenMP read theirs from the environment when they are loaded."""

import logging
import os
from typing import Final

VARIABLES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def pin_threads(argv: list[str]) -> None:
    """Set how many threads the BLAS and OpenMP libraries use, before they are loaded.

    One unless ``threads=K`` is on the command line: with more, the small products of these networks
    get slower, and several runs on one machine get in each other's way.
    """
    given = [entry.removeprefix("threads=") for entry in argv if entry.startswith("threads=")]
    for variable in VARIABLES:
        os.environ[variable] = given[-1] if given and given[-1].isdigit() else "1"


def warn_of_other_threads(threads: int, log: logging.Logger) -> None:
    """Log a line when the environment gives the libraries another number than ``threads``.

    So it is when ``threads`` comes from a file, or when the trainer is called from Python.
    """
    found = {name: os.environ.get(name) for name in VARIABLES}
    other = {name: value for name, value in found.items() if value != str(threads)}
    if other:
        log.warning(
            "threads=%d, but %s: BLAS took its number when it was loaded; give threads=%d on the "
            "command line of python -m pymarl, or set the variables",
            threads,
            ", ".join(f"{name}={value or 'not set'}" for name, value in other.items()),
            threads,
        )
