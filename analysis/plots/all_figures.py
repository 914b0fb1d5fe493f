"""All figures of a dataset, written with the same names every time."""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from matplotlib.figure import Figure

from analysis.dataset.groups import RunGroup, backends_of, build_groups, natural
from analysis.dataset.labels import slug
from analysis.dataset.storage import Dataset
from analysis.plots.bars import final_figure, resources_figure
from analysis.plots.over_maps import aggregate_figure, improvement_figure, profile_figure
from analysis.plots.style import save_figure
from analysis.plots.win_rate import win_rate_figure
from analysis.published.reference import ReferenceSet

FigureJob = tuple[str, Callable[[], Figure]]
FEW = 8  # figures: below this a second process costs more than it saves


def footnotes(dataset: Dataset, map_name: str | None = None) -> list[str]:
    """Counts, exclusions and call-outs printed under a figure; of one map when it shows one."""
    info = dataset.info
    left = [e for e in info["exclusions"] if map_name in (None, e["map"])]
    found, complete = info["n_found"], info["n_complete"]
    if map_name is not None:
        found = int((dataset.runs["map"] == map_name).sum())
        complete = found - len(left)
    lines = [f"{complete} of {found} runs complete."]
    lines += [f"left out: {e['run']}: {e['reason']}"[:150] for e in left[:3]]
    if len(left) > 3:
        lines.append(f"... and {len(left) - 3} more (exclusions.json)")
    notes = [c for c in info["call_outs"] if map_name is None or f" on {map_name}:" in c]
    return lines + [f"note: {c}"[:150] for c in notes[:2]]


def figure_jobs(
    dataset: Dataset, statistic: str, smooth: int, reference: ReferenceSet | None
) -> list[FigureJob]:
    """(name, drawing function) of every figure."""
    groups = build_groups(dataset)
    title, notes = f"Experiment {dataset.experiment}", footnotes(dataset)
    jobs: list[FigureJob] = [
        ("win_rate", partial(win_rate_figure, groups, title, statistic, smooth, reference, notes)),
        ("aggregate", partial(aggregate_figure, groups, title, notes)),
        ("profile", partial(profile_figure, groups, title, notes)),
        ("improvement", partial(improvement_figure, groups, title, notes)),
        ("final", partial(final_figure, groups, title, notes)),
        ("resources", partial(resources_figure, dataset.runs, title, backends_of(groups), notes)),
    ]
    for name, members in by_map(groups):
        own = footnotes(dataset, members[0].map)
        draw = partial(win_rate_figure, members, title, statistic, smooth, reference, own)
        jobs.append((f"win_rate_{name}", draw))
    return jobs


def draw_all(
    dataset: Dataset,
    out: Path,
    statistic: str = "median",
    smooth: int = 1,
    reference: ReferenceSet | None = None,
    processes: int | None = None,
) -> list[Path]:
    """Draw win_rate (all maps), win_rate_<map>, aggregate, profile, improvement, final, resources.

    Many figures are shared between up to two processes; the bytes do not depend on that.
    """
    jobs = figure_jobs(dataset, statistic, smooth, reference)
    count = processes or (min(2, len(os.sched_getaffinity(0))) if len(jobs) > FEW else 1)
    if count == 1:
        return [path for job in jobs for path in draw_one(out, job)]
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        return [path for paths in pool.map(partial(draw_one, out), jobs) for path in paths]


def draw_one(out: Path, job: FigureJob) -> list[Path]:
    """Draw and write one figure."""
    return save_figure(job[1](), out, job[0])


def by_map(groups: list[RunGroup]) -> list[tuple[str, list[RunGroup]]]:
    """(file-name part, groups) per map; names made safe stay different from each other."""
    out: list[tuple[str, list[RunGroup]]] = []
    used: set[str] = set()
    for map_name in sorted({g.map for g in groups}, key=natural):
        name = slug(map_name)
        while name.lower() in used:
            name += "_"
        used.add(name.lower())
        out.append((name, [g for g in groups if g.map == map_name]))
    return out
