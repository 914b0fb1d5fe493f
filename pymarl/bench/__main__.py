"""``python -m pymarl.bench``: updates, acting and whole trainings as ratios to PyMARL's forms."""

import argparse
import json
import sys
import time
from typing import Any

from pymarl.utils.threads import pin_threads


def main(argv: list[str]) -> int:
    """Print one line per comparison (``--json``: one object a line)."""
    parser = argparse.ArgumentParser(prog="python -m pymarl.bench", description=__doc__)
    parser.add_argument("--repeats", type=int, default=7, help="measurements of each form")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to measure"
    )
    parser.add_argument(
        "--job",
        nargs=3,
        metavar=("MAP", "ENVS", "T_MAX"),
        help="train once and print steps per second of the wall clock",
    )
    options = parser.parse_args(argv)
    pin_threads([])
    import torch as th

    th.set_num_threads(1)
    if options.job:
        from pymarl.bench.training_speed import TrainingJob

        name, n_envs, t_max = options.job
        print(TrainingJob(name, int(n_envs), int(t_max)).rate(time.perf_counter))
        return 0
    for part in options.only:
        PARTS[part](options.repeats, options.json)
    return 0


def show(what: str, reference: float, fast: float, unit: str, ratio: float, as_json: bool) -> None:
    """Print one comparison."""
    if as_json:
        row: dict[str, Any] = {"what": what, "unit": unit, "reference": reference, "fast": fast}
        print(json.dumps(row | {"ratio": ratio}), flush=True)
    else:
        print(f"{what:52}{reference:10.3f} {fast:10.3f} {unit:8}{ratio:6.2f} x", flush=True)


def bench_updates(repeats: int, as_json: bool) -> None:
    """One QMIX update of 32 episodes, per map and phase of training."""
    from pymarl.bench.part_speed import update
    from pymarl.bench.workloads import WORKLOADS

    for name, workload in WORKLOADS.items():
        job = update(name, workload, max(3, repeats // (1 + workload.sizes.n_agents // 10)))
        show(job.what, job.reference_ms, job.fast_ms, "ms", job.ratio, as_json)


def bench_methods(repeats: int, as_json: bool) -> None:
    """One update of the other value methods against one of QMIX: how many times as long."""
    from pymarl.bench.part_speed import method_update
    from pymarl.bench.workloads import WORKLOADS

    for alg in ("vdn", "qtran", "qplex", "qplex_ft", "qatten", "cw_qmix", "ow_qmix"):
        for name in ("2s3z mixed", "2s3z late"):
            job = method_update(name, WORKLOADS[name], alg, 3 * repeats)
            show(job.what, job.reference_ms, job.fast_ms, "ms", 1 / job.ratio, as_json)


def bench_acting(repeats: int, as_json: bool) -> None:
    """The actions of one step, for one environment and for eight."""
    from pymarl.bench.part_speed import acting
    from pymarl.bench.workloads import WORKLOADS

    for name, workload in WORKLOADS.items():
        if "late" not in name:
            for n_envs in (1, 8):
                job = acting(name.split()[0], workload, repeats, n_envs)
                show(job.what, job.reference_ms, job.fast_ms, "ms", job.ratio, as_json)


def bench_training(repeats: int, as_json: bool) -> None:
    """Whole trainings: one update per episode, and 8 environments with one per 8 episodes."""
    from pymarl.bench.training_speed import compare_forms

    for name, n_envs, t_max in (("3m", 1, 4_000), ("2s3z", 1, 6_000), ("2s3z", 8, 20_000)):
        slow, fast = compare_forms(name, n_envs, t_max, max(1, repeats // 3))
        what = f"{name}: training, {n_envs} environment(s), QMIX"
        show(what, slow, fast, "steps/s", fast / slow, as_json)


def bench_loop(repeats: int, as_json: bool) -> None:
    """Whole trainings against PyMARL's own loop, one update per episode, tests included."""
    from pymarl.bench.training_speed import compare_loops

    for name in ("3m", "2s3z"):
        slow, fast = compare_loops(name, 20_000, max(1, repeats // 3))
        what = f"{name}: training, against PyMARL's loop"
        show(what, slow, fast, "steps/s", fast / slow, as_json)


def bench_jobs(repeats: int, as_json: bool) -> None:
    """Two jobs at once against one alone, by the wall clock (needs two idle cores)."""
    from pymarl.bench.training_speed import rates_of_processes

    arguments = ("2s3z", "8", "40000")
    for _ in range(max(1, repeats // 3)):
        (alone,), both = rates_of_processes(arguments, 1), sum(rates_of_processes(arguments, 2))
        show("2s3z: two jobs at once, both together", alone, both, "steps/s", both / alone, as_json)


PARTS = {
    "updates": bench_updates,
    "methods": bench_methods,
    "acting": bench_acting,
    "training": bench_training,
    "loop": bench_loop,
    "jobs": bench_jobs,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
