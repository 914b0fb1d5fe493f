"""``python -m workflow.commands.bench_plan``: what it costs to plan an experiment of many runs."""

import argparse
import dataclasses
import math
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from workflow.experiment.experiment_file import ROOT, from_file


def plan(runs: int, base: str) -> tuple[str, float, float, float]:
    """Let Snakemake plan ``base`` with enough seeds for ``runs`` runs, in an empty folder.

    Returns:
        its output, seconds by the clock, seconds of CPU, and the largest resident memory in MiB.
    """
    experiment = from_file(base)
    seeds = math.ceil(runs / len(experiment.maps) / len(experiment.algs))
    experiment = dataclasses.replace(experiment, name="plan", seeds=tuple(range(1, seeds + 1)))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "plan.yaml")
        file.write_text(yaml.safe_dump(experiment.to_config()), encoding="utf-8")
        words = ["--snakefile", str(ROOT / "Snakefile"), "--cores", "1", "-n", "--printshellcmds"]
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", *words, "--configfile", str(file)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        wall = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main(argv: list[str] | None = None) -> int:
    """Measure once and print one line; 1 when Snakemake could not plan."""
    parser = argparse.ArgumentParser(prog="bench_plan", description=__doc__)
    parser.add_argument("--runs", type=int, default=575)
    parser.add_argument("--experiment", default="smac_paper", help="algorithms and maps to use")
    args = parser.parse_args(argv)
    out, wall, cpu, memory = plan(args.runs, args.experiment)
    trainings = re.search(r"^train\s+(\d+)$", out, re.MULTILINE)
    if trainings is None:
        print(out, file=sys.stderr)
        return 1
    longest = max(map(len, re.findall(r"^Shell command: (.*)$", out, re.MULTILINE)))
    print(
        f"{trainings[1]} runs planned: {wall:.1f} s by the clock, {cpu:.1f} s of CPU, "
        f"{memory:.0f} MiB; longest command line {longest} bytes"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
