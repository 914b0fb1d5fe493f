"""Make configs/reference/starcraft2_play.json: how StarCraft II plays, from logs of real runs.

    python -m analysis.published.make_play_reference --paper smac_run_data.json \
        --logs real_runs.json.gz --targets targets.json --out configs/reference/starcraft2_play.json

``--paper`` is the SMAC paper's raw runs (``python -m analysis fetch-smac``). ``--logs`` is a
gzipped list of sacred's ``info.json`` of public runs on the real game, each with ``repo``,
``head``, ``map``, ``bsr`` (environments) and ``d`` (PyMARL's statistics). ``--targets`` holds the
agreed means of random play's length and the scripted heuristic's win rates. The numbers are read
by ``python -m pymarl.envs.skirmish fidelity``.
"""

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.dataset.files import write_text

Runs = list[dict[str, Any]]

ONE_ENVIRONMENT = ("IQL", "VDN", "QMIX", "QTRAN")
"""Algorithms of the paper whose first evaluation follows one episode (COMA's follows eight)."""
EARLY_ALGORITHMS = ("IQL", "VDN", "QMIX", "COMA")
EARLY_STEPS = (50_000, 100_000)
FIRST_INTERVAL_ENDS = 10_500
"""A run's second log entry is used when it was written before this many environment steps."""

SOURCES: dict[str, dict[str, Any]] = {
    "smac_paper": {
        "citation": "Samvelyan et al., The StarCraft Multi-Agent Challenge, 2019 "
        "(arXiv:1902.04043); raw runs smac_run_data.json of the oxwhirl/smac release v1 (MIT), "
        "sha256 e179ccbd8dae4c08128230fa2ea2a25e0b2aac6a72c67d81290fc33c14602fdb",
        "game_version": "SC2.4.6.2.69232",
    },
    "run_logs": {
        "citation": "sacred logs of training runs that were published with their repositories "
        "(GitHub); the entries name repository and commit",
        "game_version": "not stated",
    },
    "heuristic": {
        "citation": "SMAC's scripted agents (heuristic_ai=True) in StarCraft II, second hand",
        "game_version": "not stated",
    },
}

DOUBTS = {
    "random_length": "The agreed means of ten maps, from many episodes where there are logs. "
    "source run_logs: mean length of the training episodes of a run's second log entry: the "
    "first 10,000 steps (5,000 in a few runs, 2,000 on 3s_vs_3z), the very first episode left "
    "out. Epsilon falls from 1 to 0.81 (0.9) meanwhile and the agents begin to learn, so this is "
    "nearly random play. se: between these runs, whose own mean is stated, too. Some of them "
    "change the algorithm, which matters little so early. source smac_paper: as in "
    "random_length_paper.",
    "random_length_paper": "The first evaluation of a Q-learning run follows one training episode "
    "at epsilon 1: its time stamp is that episode's length. One episode a run, so lengths with a "
    "long tail have large errors that the se itself is an uncertain estimate of.",
    "heuristic_won": "Second hand: neither the number of episodes nor the version is stated, so "
    "there is no se.",
    "early_return": f"Mean test return (largest possible: 20) of a run's evaluations between "
    f"{EARLY_STEPS[0]} and {EARLY_STEPS[1]} steps, when agents have learned to shoot and little "
    "else; mean and se over the runs that were evaluated in this interval. Compared with naive "
    "play, which is something else: a check of size.",
}
MAP_DOUBTS = {
    "3s_vs_3z": "These runs (RACE, facmac_smac) begin at epsilon 0.5, and their own exploration "
    "is not PyMARL's: that their agents play at random is doubtful.",
    "5m_vs_6m": "The paper's 16 first episodes last longer (see random_length_paper).",
    "25m": "One repository.",
    "MMM2": "Four runs of one author.",
    "corridor": "One repository.",
    "3s5z": "One author; one of the runs has difficulty 5.",
}


def estimate(values: Sequence[float], digits: int = 3) -> dict[str, Any]:
    """Mean, standard error (None for one value) and number of the values."""
    array = np.array(values, dtype=np.float64)
    n = len(array)
    se = round(float(array.std(ddof=1)) / n**0.5, digits) if n > 1 else None
    return {"mean": round(float(array.mean()), digits), "se": se, "n": n}


def random_runs(logs: Runs, map_name: str) -> Runs:
    """The runs on a map whose second log entry is nearly random play in one environment."""
    chosen = []
    for run in logs:
        times, epsilon = run["d"]["ep_length_mean_T"], run["d"].get("epsilon") or [None]
        starts_random = epsilon[0] == 1.0 or map_name == "3s_vs_3z"
        early = len(times) > 1 and times[1] < FIRST_INTERVAL_ENDS
        if run["map"] == map_name and run["bsr"] == 1 and starts_random and early:
            chosen.append(run)
    return chosen


def logged_length(logs: Runs, map_name: str) -> dict[str, Any] | None:
    """Random play's length on a map with error and runs from the logs; None: no log has it."""
    runs = random_runs(logs, map_name)
    if not runs:
        return None
    lengths = [run["d"]["ep_length_mean"][1] for run in runs]
    times = [run["d"]["ep_length_mean_T"] for run in runs]
    episodes = sum((t[1] - t[0]) / length for t, length in zip(times, lengths, strict=True))
    places = Counter(f"{run['repo'].replace('+', '/')}@{run['head'][:8]}" for run in runs)
    return {
        **estimate(lengths),
        "n_is": "runs",
        "episodes": round(episodes),
        "source": "run_logs",
        "repositories": dict(sorted(places.items())),
        "doubts": MAP_DOUBTS.get(map_name),
    }


def paper_length(paper: dict[str, Any], map_name: str) -> dict[str, Any]:
    """Random play's length on a map from the first time stamps of the paper's runs."""
    algorithms = [name for name in ONE_ENVIRONMENT if name in paper[map_name]]
    runs = [paper[map_name][name]["test_battle_won_mean"].values() for name in algorithms]
    found = estimate([float(run[0][0]) for some in runs for run in some])
    return {**found, "n_is": "episodes, one a run", "source": "smac_paper"}


def early_return(paper: dict[str, Any], map_name: str) -> dict[str, Any]:
    """Early test returns on a map per algorithm of the paper."""
    first, last = EARLY_STEPS
    cells = {}
    for name in EARLY_ALGORITHMS:
        means = []
        for run in paper[map_name][name]["test_return_mean"].values():
            values = [value for t, value in run if first <= t <= last]
            if values:
                means.append(float(np.mean(values)))
        cells[name] = {**estimate(means), "source": "smac_paper"}
    return cells


def make_play_reference(
    paper: dict[str, Any], logs: Runs, targets: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """All sections of the file, each a mapping of maps to numbers.

    Maps of ``targets`` that no log covers take their error from the paper's runs, whose mean the
    agreed one is.
    """
    lengths = {}
    for name, agreed in targets["random_length"].items():
        found = logged_length(logs, name) or paper_length(paper, name)
        lengths[name] = {**found, "mean": agreed, "mean_of_these_runs": found["mean"]}
    heuristic = {
        name: {"mean": percent, "se": None, "n": None, "source": "heuristic"}
        for name, percent in targets["heuristic_won"].items()
    }
    return {
        "random_length": lengths,
        "random_length_paper": {name: paper_length(paper, name) for name in paper},
        "heuristic_won": heuristic,
        "early_return": {name: early_return(paper, name) for name in paper},
    }


def render(sections: dict[str, dict[str, Any]]) -> str:
    """JSON with one line per map, so that a diff of the file can be read."""
    lines = ["{", ' "format": "starcraft2-play",', ' "version": 1,', ' "sources": {']
    lines += [",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in SOURCES.items()), " },"]
    blocks = []
    for name, maps in sections.items():
        rows = ",\n".join(f"   {json.dumps(k)}: {json.dumps(v)}" for k, v in maps.items())
        doubts = f'  "doubts": {json.dumps(DOUBTS[name])},'
        blocks.append(f' {json.dumps(name)}: {{\n{doubts}\n  "maps": {{\n{rows}\n  }}\n }}')
    return "\n".join([*lines, ",\n".join(blocks), "}"]) + "\n"


def read_raw(path: Path) -> Any:
    """JSON of a file, gzipped or not."""
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)


def main(argv: Sequence[str]) -> int:
    """Write the file; 0."""
    parser = argparse.ArgumentParser(prog="python -m analysis.published.make_play_reference")
    for option in ("--paper", "--logs", "--targets", "--out"):
        parser.add_argument(option, type=Path, required=True)
    args = parser.parse_args(argv)
    raw = [read_raw(path) for path in (args.paper, args.logs, args.targets)]
    write_text(args.out, render(make_play_reference(*raw)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
