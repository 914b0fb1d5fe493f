"""Tables over several maps and algorithms: aggregates, and every pair of algorithms."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from analysis.dataset.groups import RunGroup
from analysis.dataset.view.group_selection import by_label, on_one_scale, shared_maps
from analysis.stats.bootstrap import stratified_bootstrap
from analysis.stats.compare import (
    mean_improvement,
    paired_difference,
    probability_of_improvement,
    rank_test,
)
from analysis.stats.final import best_by_margin
from analysis.stats.profiles import optimality_gap

AGGREGATE_COLUMNS = {
    "alg": "algorithm",
    "n_maps": "maps that every listed algorithm has complete runs on",
    "n_runs": "complete runs on those maps",
    "mean_of_medians": "mean over maps of the median final value, % (rates, else normalised)",
    "iqm": "interquartile mean over all runs of those maps, %",
    "iqm_low": "95 % stratified bootstrap interval (runs resampled inside each map), low, %",
    "iqm_high": "the same, high, %",
    "optimality_gap": "mean shortfall below 100 %, points",
    "maps_best": "maps where its median is best by at least 1/32",
}

PAIR_COLUMNS = {
    "map": "map, or 'all maps' for the mean over the shared maps",
    "x": "first algorithm",
    "y": "second algorithm",
    "n_x": "runs of x",
    "n_y": "runs of y",
    "p_improvement": "P(X > Y) + P(X = Y) / 2",
    "p_low": "95 % bootstrap interval, low",
    "p_high": "95 % bootstrap interval, high",
    "rank_p": "two-sided rank test p (one map)",
    "n_paired": "seeds that both have",
    "paired_difference": "mean difference x - y over those seeds, points or the metric's unit",
    "paired_low": "95 % bootstrap interval, low",
    "paired_high": "95 % bootstrap interval, high",
}


def aggregate_table(groups: list[RunGroup]) -> pd.DataFrame:
    """One row per algorithm over the maps that all of them share; empty below two maps.

    Metrics other than rates are normalised on each map first.
    """
    groups = on_one_scale(groups)
    table = by_label(groups)
    labels, maps = shared_maps(table)
    if not maps:
        return pd.DataFrame(columns=list(AGGREGATE_COLUMNS))
    finals = {k: [table[k][m].finals() for m in maps] for k in labels}
    medians = np.array([[np.median(f) for f in finals[k]] for k in labels])
    better = bool(groups and groups[0].metric.better)
    wins = [int(w) for w in best_by_margin(medians)] if better else [None] * len(labels)
    rows = []
    for i, label in enumerate(labels):
        found = stratified_bootstrap(finals[label], reps=5000)
        rows.append(
            {
                "alg": label,
                "n_maps": len(maps),
                "n_runs": sum(map(len, finals[label])),
                "mean_of_medians": 100 * medians[i].mean(),
                "iqm": 100 * found.value,
                "iqm_low": 100 * found.low,
                "iqm_high": 100 * found.high,
                "optimality_gap": 100 * optimality_gap(finals[label]),
                "maps_best": wins[i],
            }
        )
    return pd.DataFrame(rows, columns=list(AGGREGATE_COLUMNS))


def pairs_table(groups: list[RunGroup]) -> pd.DataFrame:
    """Every pair of algorithms on every map they share, and over all maps they share."""
    table = by_label(groups)
    rows: list[dict[str, Any]] = []
    for x, y in combinations(table, 2):
        maps = [m for m in table[x] if m in table[y]]
        pairs = [(table[x][m].finals(), table[y][m].finals()) for m in maps]
        rows += [pair_row(table[x][m], table[y][m]) for m in maps]
        if len(maps) > 1:
            found = mean_improvement(pairs)
            rows.append(
                {
                    "map": "all maps",
                    "x": x,
                    "y": y,
                    "n_x": sum(len(p[0]) for p in pairs),
                    "n_y": sum(len(p[1]) for p in pairs),
                    "p_improvement": found.value,
                    "p_low": found.low,
                    "p_high": found.high,
                }
            )
    return pd.DataFrame(rows, columns=list(PAIR_COLUMNS))


def pair_row(a: RunGroup, b: RunGroup) -> dict[str, Any]:
    """Two algorithms on one map."""
    x, y, scale = a.finals(), b.finals(), a.metric.scale
    found = mean_improvement([(x, y)])
    known = a.seeded and b.seeded
    paired, count = paired_difference(
        dict(zip(a.seeds, x, strict=True)) if known else {},
        dict(zip(b.seeds, y, strict=True)) if known else {},
    )
    return {
        "map": a.map,
        "x": a.label,
        "y": b.label,
        "n_x": a.n,
        "n_y": b.n,
        "p_improvement": probability_of_improvement(x, y),
        "p_low": found.low,
        "p_high": found.high,
        "rank_p": rank_test(x, y),
        "n_paired": count,
        "paired_difference": scale * paired.value,
        "paired_low": scale * paired.low,
        "paired_high": scale * paired.high,
    }
