"""Measure what it costs to plan an experiment of many runs."""

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

from workflow.experiment.experiment_file import read_experiment
from workflow.source_tree import ROOT


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--runs", type=int, default=575, help="at least so many (default: 575)")
    parser.add_argument("--experiment", default="smac_paper", help="algorithms and maps to use")


def plan(runs: int, base: str) -> tuple[str, float, float, float]:
    """Let Snakemake plan ``base`` with enough seeds for ``runs`` runs, in an empty folder.

    Returns:
        its output, seconds by the clock, seconds of CPU, and the largest resident memory in MiB.
    """
    experiment = read_experiment(base)
    seeds = math.ceil(runs / len(experiment.maps) / len(experiment.algs))
    experiment = dataclasses.replace(experiment, name="plan", seeds=tuple(range(1, seeds + 1)))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "plan.yaml")
        file.write_text(yaml.safe_dump(experiment.to_config()), encoding="utf-8")
        options = ["--snakefile", str(ROOT / "Snakefile"), "--cores", "1", "-n", "--printshellcmds"]
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", *options, "--configfile", str(file)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        wall = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def run(arguments: argparse.Namespace) -> int:
    """Measure once and print one line; 1 when Snakemake could not plan."""
    output, wall, cpu, memory = plan(arguments.runs, arguments.experiment)
    trainings = re.search(r"^train\s+(\d+)$", output, re.MULTILINE)
    if trainings is None:
        print(output, file=sys.stderr)
        return 1
    longest = max(map(len, re.findall(r"^Shell command: (.*)$", output, re.MULTILINE)))
    print(
        f"{trainings[1]} runs planned: {wall:.1f} s by the clock, {cpu:.1f} s of CPU, "
        f"{memory:.0f} MiB; longest command line {longest} bytes"
    )
    return 0
