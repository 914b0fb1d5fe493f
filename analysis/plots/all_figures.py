"""All figures of a dataset, written with the same names every time."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure

from analysis.dataset.groups import RunGroup, build_groups
from analysis.dataset.labels import slug
from analysis.dataset.storage import Dataset
from analysis.dataset.view.call_outs import figure_call_outs, setting_call_outs
from analysis.dataset.view.group_selection import maps_in_order
from analysis.dataset.view.training_cut import OPEN_CODES
from analysis.errors import ResultError
from analysis.metrics import WIN_RATE
from analysis.plots.bars import final_figure, resources_figure
from analysis.plots.looks import looks_of
from analysis.plots.over_maps import aggregate_figure, improvement_figure, profile_figure
from analysis.plots.panels import why_empty
from analysis.plots.style import save_figure
from analysis.plots.win_rate import win_rate_figure
from analysis.published.reference import ReferenceSet

FigureJob = tuple[str, Callable[[], Figure]]
FEW = 8  # figures: below this a second process costs more than it saves


def footnotes(dataset: Dataset, map_name: str | None = None) -> list[str]:
    """Counts, settings that differ, exclusions and call-outs printed under a figure.

    Args:
        dataset: with its view.
        map_name: the map that the figure shows; None: all.
    """
    info, runs = dataset.info, dataset.runs
    left = [e for e in info["exclusions"] if map_name in (None, e["map"])]
    short = [p for p in info.get("partial", []) if map_name in (None, p["map"])]
    found, complete = info["n_found"], info["n_complete"]
    if map_name is not None:
        found = int((runs["map"] == map_name).sum())
        complete = found - len(left) - len(short)
    cut = f", cut at {dataset.view.until} env steps" if dataset.view.until is not None else ""
    lines = [f"{complete} of {found} runs complete{cut}."]
    if dataset.view.metric is None and dataset.metric.key != WIN_RATE and complete + len(short):
        lines.append(f"no run has a win rate ({WIN_RATE}); shown: {dataset.metric.lower_name}")
    if short:
        lines.append(
            f"{len(short)} incomplete runs are shown as far as they go; a curve is dashed from "
            "where the first of its runs ended, a final value is that of a run's own end"
        )
        lines += [f"incomplete: {p['run']}: {p['reason']}"[:150] for p in short[:3]]
        lines += [f"... and {len(short) - 3} more (table of runs)"] * (len(short) > 3)
    groups = [g for g in build_groups(dataset) if map_name in (None, g.map)]
    lines += [f"note: {c}" for c in figure_call_outs(groups, dataset.view.until)]
    lines += [f"left out: {e['run']}: {e['reason']}"[:150] for e in left[:3]]
    if len(left) > 3:
        lines.append(f"... and {len(left) - 3} more (exclusions.json)")
    own = set(setting_call_outs(runs, dataset.view, bool(info.get("pooled_engines"))))
    notes = [c for c in info["call_outs"] if map_name is None or f" on {map_name}:" in c]
    return lines + [f"note: {c}"[:150] for c in notes if c not in own][:2]


class FigureStyle(NamedTuple):
    """Colours that were asked for (``ALG=#hex``) and panels in a row."""

    colors: Sequence[str] = ()
    columns: int | None = None


PLAIN = FigureStyle()


def figure_jobs(
    dataset: Dataset,
    statistic: str,
    smooth: int,
    reference: ReferenceSet | None,
    style: FigureStyle = PLAIN,
) -> list[FigureJob]:
    """(name, drawing function) of every figure.

    Raises:
        ResultError: an unusable colour or number of columns.
    """
    if style.columns is not None and style.columns < 1:
        raise ResultError(f"--columns {style.columns}: expected at least 1")
    groups = build_groups(dataset)
    looks = looks_of(groups, style.colors)
    title, notes = f"Experiment {dataset.experiment}", footnotes(dataset)
    curves = (title, statistic, smooth, reference)
    jobs: list[FigureJob] = [
        ("win_rate", partial(win_rate_figure, groups, *curves, notes, looks, style.columns)),
        ("aggregate", partial(aggregate_figure, groups, title, notes, looks)),
        ("profile", partial(profile_figure, groups, title, notes, looks)),
        ("improvement", partial(improvement_figure, groups, title, notes)),
        ("final", partial(final_figure, groups, title, notes, looks)),
        ("resources", partial(resources_figure, dataset.runs, groups, title, notes, looks)),
    ]
    for name, members in by_map(groups):
        own = footnotes(dataset, members[0].map)
        jobs.append((f"win_rate_{name}", partial(win_rate_figure, members, *curves, own, looks, 1)))
    return jobs


def nothing_to_draw(dataset: Dataset) -> str | None:
    """Why no curve at all can be drawn; None when one can."""
    groups = build_groups(dataset)
    if any(g.n for g in groups):
        return None
    runs = dataset.runs
    short = runs[runs["code"].isin(list(OPEN_CODES)) & runs["t_last"].notna()]
    reach = int(short["t_last"].min()) if len(short) else 0
    hint = f"; --until {reach} or --include-incomplete shows {len(short)} of them" if reach else ""
    return f"nothing to draw: {why_empty(groups)}{hint}"


def draw_all(
    dataset: Dataset,
    out: Path,
    statistic: str = "median",
    smooth: int = 1,
    reference: ReferenceSet | None = None,
    processes: int | None = None,
    style: FigureStyle = PLAIN,
) -> list[Path]:
    """Draw win_rate (all maps), win_rate_<map>, aggregate, profile, improvement, final, resources.

    The names stay the same whatever metric is shown: rules and links hold on to them. Many figures
    are shared between up to two processes; the bytes do not depend on that.
    """
    jobs = figure_jobs(dataset, statistic, smooth, reference, style)
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
    for map_name in maps_in_order(groups):
        name = slug(map_name)
        while name.lower() in used:
            name += "_"
        used.add(name.lower())
        out.append((name, [g for g in groups if g.map == map_name]))
    return out
