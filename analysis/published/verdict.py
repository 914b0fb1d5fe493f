"""Our runs beside published ones: COMPATIBLE, BELOW, ABOVE or INCOMPARABLE, with the numbers."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.dataset.checks.run_kind import KINDS
from analysis.dataset.files import write_text
from analysis.dataset.groups import RunGroup, build_groups
from analysis.dataset.json_values import positive
from analysis.dataset.labels import FIRST_ENGINE, SIMULATED, markdown_escape
from analysis.dataset.storage import Dataset
from analysis.metrics import WIN_RATE, metric_of
from analysis.published.own_values import own_values
from analysis.published.reference import (
    PublishedCell,
    PublishedSample,
    ReferenceSet,
    sample_of,
    window_mean,
)
from analysis.stats.compare import rank_test
from analysis.stats.final import ONE_EPISODE
from analysis.stats.uncertainty import pooled_sd, power, seeds_needed

ALPHA = 0.05
MARGIN = 100 * ONE_EPISODE  # percentage points of a win rate; other metrics have no margin
MIN_SEEDS = 3
CLAIM = 10.0  # percentage points: the difference the power note is about

RULE = (
    f"Differs when both hold: medians at least {MARGIN:.1f} points apart, and two-sided rank test "
    f"p < {ALPHA} (for references without per-run values: our median outside their range by the "
    f"margin). Metrics other than win rates have no margin. About {ALPHA:.0%} of truly equal cells "
    "come out as ABOVE or BELOW by chance; "
    "COMPATIBLE means not distinguished with these numbers of seeds, not proved equal."
)


@dataclass(slots=True)
class CellVerdict:
    """One (map, algorithm) beside its reference; win rates in percent, others in their unit."""

    map: str
    alg: str
    backend: str
    engine_version: str
    reference: str
    verdict: str
    reasons: str
    at: str  # "final" or the checkpoint in env steps
    n: int
    n_found: int
    median: float = float("nan")
    q25: float = float("nan")
    q75: float = float("nan")
    ref_n: int = 0
    ref_median: float = float("nan")
    ref_q25: float = float("nan")
    ref_q75: float = float("nan")
    ref_min: float = float("nan")
    ref_max: float = float("nan")
    difference: float = float("nan")
    p_value: float = float("nan")
    power_10: float = float("nan")  # chance of seeing a true 10-point difference with n seeds
    seeds_10: float = float("nan")  # seeds a side for 80 % power at 10 points; inf above 1000
    metric: str = WIN_RATE


def obstacles(group: RunGroup, runs: pd.DataFrame, reference: ReferenceSet) -> list[str]:
    """Why a comparison would mean nothing; empty when it is fair."""
    want = reference.protocol
    out = []
    if want.get("backend") and group.backend != want["backend"]:
        out.append(f"backend {group.backend}, reference {want['backend']}")
    elif want.get("sc2_build") and group.sc2_build != want["sc2_build"]:
        out.append(f"build {group.sc2_build or 'not recorded'}, reference {want['sc2_build']}")
    elif (engine := engine_wanted(want)) and group.engine_versions != (engine,):
        out.append(f"engine version {group.engine or 'not recorded'}, reference {engine}")
    if group.kind in KINDS:
        out.append(f"{KINDS[group.kind][0]}, the reference is of trainings")
    used = runs[runs["run_id"].isin(group.run_ids)]
    for key, name in (("runner", "runner"), ("batch_size_run", "parallel environments")):
        wanted = want.get(key)
        wanted = wanted.get(group.alg.lower()) if isinstance(wanted, dict) else wanted
        found = sorted({str(v) for v in used[key].dropna()})
        if wanted is not None and found and found != [str(wanted)]:
            out.append(f"{name} {', '.join(found)}, reference {wanted}")
    if group.partial.any():
        out.append(f"{int(group.partial.sum())} incomplete runs, measured at their own ends")
    if group.n < MIN_SEEDS:
        out.append(f"{group.n} complete seeds, at least {MIN_SEEDS} needed")
    return out


def engine_wanted(protocol: dict[str, Any]) -> int | None:
    """Version of the simulator's engine that a reference was played on; None: not compared.

    References on the simulator that do not name one are from before versions were counted.
    """
    first = FIRST_ENGINE if protocol.get("backend") in SIMULATED else None
    return positive(protocol.get("engine_version", first))


def comparison_point(
    group: RunGroup, cell: PublishedCell, t_max: Any
) -> tuple[str, PublishedSample | None]:
    """Where to compare: the end when t_max agrees, else the last checkpoint all runs reach.

    A checkpoint at which a run has no evaluations, because it starts later, is none of all runs.
    """
    ends = [int(t[-1]) for t in group.raw_times]
    reach = min(ends, default=0)
    if t_max is None or (ends and abs(reach - t_max) <= 0.03 * t_max):
        return "final", cell.final
    runs = list(zip(group.raw_times, group.raw, strict=True))
    points = [
        at
        for at in sorted(cell.checkpoints)
        if at <= reach and all(np.isfinite(window_mean(t, v, at)) for t, v in runs)
    ]
    return (str(points[-1]), cell.checkpoints[points[-1]]) if points else ("final", None)


def verdict_of(group: RunGroup, runs: pd.DataFrame, reference: ReferenceSet) -> CellVerdict | None:
    """The verdict of one group; None when the reference has no such cell."""
    cell = reference.cell(group.map, group.name) or reference.cell(group.map, group.alg)
    if cell is None or reference.metric != group.metric.key:
        return None
    reasons = obstacles(group, runs, reference)
    at, sample = comparison_point(group, cell, reference.protocol.get("t_max"))
    if group.n and sample is None:
        reasons.append(
            f"runs end at {min(int(t[-1]) for t in group.raw_times)} env steps, "
            f"reference at {reference.protocol.get('t_max')}"
        )
    sample = sample or cell.final
    out = CellVerdict(
        group.map,
        group.label,
        group.backend,
        group.engine,
        reference.name,
        "INCOMPARABLE",
        "; ".join(reasons),
        at,
        group.n,
        group.n_found,
        ref_n=cell.n,
        metric=group.metric.key,
    )
    out.ref_q25, out.ref_median, out.ref_q75, out.ref_min, out.ref_max = sample.quantiles
    if group.n == 0:
        return out
    ours = group.metric.scale * own_values(group, at, reference.protocol)
    out.q25, out.median, out.q75 = sample_of(ours).quantiles[:3]
    out.difference = out.median - out.ref_median
    if sample.runs:
        theirs = np.array(sample.runs)
        out.p_value = rank_test(ours, theirs)
        if group.metric.is_rate:  # ten points of another unit mean nothing
            sd = pooled_sd(ours, theirs)
            out.power_10 = power(min(len(ours), len(theirs)), CLAIM, sd)
            needed = seeds_needed(CLAIM, sd)
            out.seeds_10 = float("inf") if needed is None else float(needed)
    if not reasons:
        out.verdict = decide(out)
    return out


def decide(v: CellVerdict) -> str:
    """Apply the rule to filled-in numbers."""
    margin = MARGIN if metric_of(v.metric).is_rate else 0.0
    if np.isfinite(v.p_value):
        differs = v.p_value < ALPHA and abs(v.difference) >= margin
    else:
        differs = v.median > v.ref_max + margin or v.median < v.ref_min - margin
    if not differs:
        return "COMPATIBLE"
    return "ABOVE" if v.difference > 0 else "BELOW"


def compare(
    dataset: Dataset, references: list[ReferenceSet], groups: list[RunGroup] | None = None
) -> tuple[list[CellVerdict], list[str]]:
    """All verdicts, and the names of groups that no reference knows."""
    verdicts, unknown = [], []
    for group in build_groups(dataset) if groups is None else groups:
        found = [verdict_of(group, dataset.runs, r) for r in references]
        verdicts += [v for v in found if v is not None]
        if not any(v is not None for v in found):
            unknown.append(f"{group.label} on {group.map}")
    return verdicts, unknown


def to_markdown(
    dataset: Dataset,
    verdicts: list[CellVerdict],
    unknown: list[str],
    references: list[ReferenceSet],
) -> str:
    """The verdict table with sources, rule, call-outs and power note."""
    metric = dataset.metric
    lines = ["# Against published results", "", f"{metric.axis}, final values and checkpoints.", ""]
    lines += [
        f"- {markdown_escape(r.name)}: {markdown_escape(r.source)}"
        + ("" if r.metric == metric.key else f" (of {r.metric}, so not compared)")
        for r in references
    ]
    lines += [f"- called out: {markdown_escape(c)}" for c in dataset.info["call_outs"]]
    lines += ["", markdown_escape(RULE), ""]
    lines += ["| map | algorithm | ours | reference | at | verdict | p | power note | why |"]
    lines += ["|" + " --- |" * 9]
    for v in verdicts:
        count = f"n={v.n}" if v.n == v.n_found else f"n={v.n} of {v.n_found}"
        ours = f"{v.median:.1f} [{v.q25:.1f}-{v.q75:.1f}] {count}" if v.n else count
        ref = f"{v.ref_median:.1f} [{v.ref_q25:.1f}-{v.ref_q75:.1f}] n={v.ref_n}"
        p = f"{v.p_value:.3f}" if np.isfinite(v.p_value) else "-"
        cells = [v.map, v.alg, ours, ref, v.at, v.verdict, p, power_note(v), v.reasons or "-"]
        lines.append("| " + " | ".join(markdown_escape(c) for c in cells) + " |")
    if unknown:
        lines += ["", "No reference for: " + markdown_escape(", ".join(unknown)) + "."]
    return "\n".join(lines) + "\n"


def power_note(v: CellVerdict) -> str:
    """What the number of seeds can show, in words."""
    if not np.isfinite(v.power_10):
        return "-"
    need = f"{v.seeds_10:.0f}" if np.isfinite(v.seeds_10) else "over 1000"
    return f"10 points: power {v.power_10:.0%}, 80 % needs {need} seeds a side"


def write_verdicts(dataset: Dataset, references: list[ReferenceSet], out: Path) -> str:
    """Write verdicts.csv and verdicts.md; returns the counts as text."""
    verdicts, unknown = compare(dataset, references)
    table = pd.DataFrame([asdict(v) for v in verdicts], columns=list(CellVerdict.__slots__))
    write_text(out / "verdicts.csv", table.to_csv(index=False, float_format="%.4f"))
    write_text(out / "verdicts.md", to_markdown(dataset, verdicts, unknown, references))
    labels = ("COMPATIBLE", "BELOW", "ABOVE", "INCOMPARABLE")
    counts = [f"{sum(v.verdict == w for v in verdicts)} {w}" for w in labels]
    return ", ".join(counts) + (f", {len(unknown)} without reference" if unknown else "")
