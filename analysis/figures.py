"""All figures of a dataset, written with the same names every time."""

from pathlib import Path

from analysis.dataset import Dataset
from analysis.groups import Group, build_groups, natural
from analysis.labels import slug
from analysis.plots.winrate import win_rate_figure
from analysis.reference import Reference
from analysis.style import save_figure


def footnotes(dataset: Dataset) -> list[str]:
    """Counts, exclusions and call-outs printed under every figure."""
    info = dataset.info
    lines = [f"{info['n_complete']} of {info['n_found']} runs complete."]
    for entry in info["exclusions"][:3]:
        lines.append(f"left out: {entry['run']}: {entry['reason']}"[:150])
    if len(info["exclusions"]) > 3:
        lines.append(f"... and {len(info['exclusions']) - 3} more (exclusions.json)")
    return lines + [f"note: {c}"[:150] for c in info["call_outs"][:2]]


def draw_all(
    dataset: Dataset,
    out: Path,
    statistic: str = "median",
    smooth: int = 1,
    reference: Reference | None = None,
) -> list[Path]:
    """Draw win_rate (all maps) and win_rate_<map>."""
    groups = build_groups(dataset)
    title = f"Experiment {dataset.experiment}"
    notes = footnotes(dataset)
    figure = win_rate_figure(groups, title, statistic, smooth, reference, notes)
    written = save_figure(figure, out, "win_rate")
    for name, members in by_map(groups):
        figure = win_rate_figure(members, title, statistic, smooth, reference, notes)
        written += save_figure(figure, out, f"win_rate_{name}")
    return written


def by_map(groups: list[Group]) -> list[tuple[str, list[Group]]]:
    """(file-name part, groups) per map; names made safe stay different from each other."""
    out: list[tuple[str, list[Group]]] = []
    used: set[str] = set()
    for map_name in sorted({g.map for g in groups}, key=natural):
        name = slug(map_name)
        while name.lower() in used:
            name += "_"
        used.add(name.lower())
        out.append((name, [g for g in groups if g.map == map_name]))
    return out
