"""``python -m pymarl.bench``: training speed as ratios to PyMARL's step-by-step form."""

import argparse
import json
import sys

from pymarl.__main__ import pin_threads


def main(argv: list[str]) -> int:
    """Print one line per comparison (``--json``: one object a line)."""
    parser = argparse.ArgumentParser(prog="python -m pymarl.bench", description=__doc__)
    parser.add_argument("--repeats", type=int, default=7, help="measurements of each form")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args(argv)
    pin_threads([])
    import torch as th

    from pymarl.bench.measure import acting, update
    from pymarl.bench.worlds import WORLDS

    th.set_num_threads(1)
    for name, world in WORLDS.items():
        jobs = [update(name, world, max(3, options.repeats // (1 + world.n_agents // 10)))]
        if "late" not in name:
            jobs += [acting(name, world, options.repeats), acting(name, world, options.repeats, 8)]
        for job in jobs:
            if options.json:
                row = {"what": job.what, "reference_ms": job.reference_ms, "fast_ms": job.fast_ms}
                print(json.dumps(row | {"ratio": job.ratio}), flush=True)
            else:
                times = f"{job.reference_ms:10.3f} ms {job.fast_ms:10.3f} ms {job.ratio:6.1f} x"
                print(f"{job.what:50}{times}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
