"""Run a program that dies with its parent: ``python die_with_parent.py PARENT PROGRAM [ARG ...]``.

Linux ends the program with SIGKILL when its parent process is gone, however that went: no game is
left behind by ``kill -9`` of a training run. Run as a file, so that nothing else is imported.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> None:
    """Tie this process to ``argv[0]``, its parent's id, and become the program ``argv[1:]``."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(argv[0]):
        return  # it died before the line above
    # Python ignores SIGPIPE, and an ignored signal would stay so in the program.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execv(argv[1], argv[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
