"""Compile all kernels once, in one process: ``python -m pymarl.kernels.warmup``.

The first training of a new clone compiles the kernels of the simulator and of the learner, which
takes about half a minute. Every training comes by here first: one process compiles, by a tiny
training of its own, under a lock in the cache's folder; others wait for it and find the compiled
code. A marker beside the lock, named after the kernels' sources, the compilers' versions and the
processor, says that nothing is left to do.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from pymarl.errors import PymarlError

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_INSIDE: Final = "PYMARL_WARM_UP"
"""Set in the tiny training: it must not warm up itself."""
_MAP: Final = "2s_vs_1sc"  # its ground is no rectangle: path finding is compiled, too
_TRAINING: Final = (
    "--config=qmix", "--env-config=sim", "with", f"env_args.map_name={_MAP}", "runner=vector",
    "batch_size_run=2", "batch_size=2", "buffer_size=2", "t_max=2", "test_nepisode=2",
    "use_cuda=false",
)  # fmt: skip  # as typed
_DRAWN_TEAMS: Final = (
    "from pymarl.envs.skirmish.vector_env import VectorSkirmish; "
    "VectorSkirmish(1, map_name='terran_5_vs_5').reset()"
)
"""What compiles the kernels that only maps with drawn teams call."""


class WarmUpError(PymarlError):
    """The tiny training that compiles the kernels failed."""


def fingerprint(package: Path = _PACKAGE) -> str:
    """Return a short hash of what compiled code depends on: sources, compilers, processor."""
    import llvmlite.binding  # type: ignore[import-untyped]  # no stubs

    from pymarl.kernels.sources import kernel_files, source_hash

    files = {
        path
        for decorators in ("kernels.simulator_jit", "kernels.training_jit")
        for path in kernel_files(decorators, package)
    }
    return source_hash(files, sys.version, llvmlite.binding.get_host_cpu_name())


def warm_up(*, quiet: bool = False) -> bool:
    """Compile all kernels unless that was done; wait while another process does it.

    Args:
        quiet: say nothing when there is nothing to do.

    Returns:
        Whether this process compiled.

    Raises:
        WarmUpError: the tiny training failed; the message holds its last lines.
        OSError: the cache's folder is not writable.
    """
    from pymarl.kernels.cache import cache_base, once

    if os.environ.get(_INSIDE) or os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
        return False
    marker = cache_base() / f"warm-{fingerprint()}"
    if marker.exists() and not quiet:
        _say(f"all kernels are compiled ({marker})")
    return once(
        marker, _train, lambda: _say("another process compiles the kernels; waiting for it")
    )


def _train() -> None:
    """Run the tiny training in a process of its own."""
    _say("compiling the kernels, once for this version: about half a minute")
    with tempfile.TemporaryDirectory(prefix="pymarl-warm-up-") as folder:
        _run(folder, "-m", "pymarl", *_TRAINING, f"run_dir={folder}/run")
        _run(folder, "-c", _DRAWN_TEAMS)


def _run(folder: str, *arguments: str) -> None:
    """Run Python in ``folder`` with this package.

    Raises:
        WarmUpError: it failed.
    """
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, _INSIDE: "1", "PYTHONPATH": _python_path()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = " | ".join(done.stdout.strip().splitlines()[-3:])
        raise WarmUpError(f"warm-up: the training that compiles the kernels failed: {last}")


def _python_path() -> str:
    """Return a PYTHONPATH by which the child finds this very package."""
    given = os.environ.get("PYTHONPATH")
    return os.pathsep.join([str(_PACKAGE.parent), *([given] if given else [])])


def _say(line: str) -> None:
    """Write one line for people to stderr."""
    sys.stderr.write(f"pymarl: {line}\n")


if __name__ == "__main__":
    try:
        warm_up()
    except (PymarlError, OSError) as error:
        _say(str(error))
        sys.exit(1)
