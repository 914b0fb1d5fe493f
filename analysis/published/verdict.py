"""Our runs beside published ones: COMPATIBLE, BELOW, ABOVE or INCOMPARABLE, with the numbers."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.dataset.files import write_text
from analysis.dataset.groups import RunGroup, build_groups
from analysis.dataset.json_values import positive
from analysis.dataset.labels import FIRST_ENGINE, SIMULATED, markdown_escape
from analysis.dataset.storage import Dataset
from analysis.published.reference import (
    HALF_WINDOW,
    Floats,
    PublishedCell,
    PublishedSample,
    ReferenceSet,
    sample_of,
    tail_mean,
    window_mean,
)
from analysis.stats.compare import rank_test
from analysis.stats.final import ONE_EPISODE
from analysis.stats.uncertainty import power, seeds_needed

ALPHA = 0.05
MARGIN = 100 * ONE_EPISODE  # percentage points
MIN_SEEDS = 3
CLAIM = 10.0  # percentage points: the difference the power note is about

RULE = (
    f"Differs when both hold: medians at least {MARGIN:.1f} points apart, and two-sided rank test "
    f"p < {ALPHA} (for references without per-run values: our median outside their range by the "
    f"margin). About {ALPHA:.0%} of truly equal cells come out as ABOVE or BELOW by chance; "
    "COMPATIBLE means not distinguished with these numbers of seeds, not proved equal."
)


@dataclass(slots=True)
class CellVerdict:
    """One (map, algorithm) beside its reference; win rates in percent."""

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
    used = runs[runs["run_id"].isin(group.run_ids)]
    for key, name in (("runner", "runner"), ("batch_size_run", "parallel environments")):
        wanted = want.get(key)
        wanted = wanted.get(group.alg.lower()) if isinstance(wanted, dict) else wanted
        found = sorted({str(v) for v in used[key].dropna()})
        if wanted is not None and found and found != [str(wanted)]:
            out.append(f"{name} {', '.join(found)}, reference {wanted}")
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
    """Where to compare: the end when t_max agrees, else the last checkpoint all runs reach."""
    ends = [int(t[-1]) for t in group.raw_times]
    reach = min(ends, default=0)
    if t_max is None or (ends and abs(reach - t_max) <= 0.03 * t_max):
        return "final", cell.final
    points = [t for t in sorted(cell.checkpoints) if t <= reach]
    return (str(points[-1]), cell.checkpoints[points[-1]]) if points else ("final", None)


def verdict_of(group: RunGroup, runs: pd.DataFrame, reference: ReferenceSet) -> CellVerdict | None:
    """The verdict of one group; None when the reference has no such cell."""
    cell = reference.cell(group.map, group.alg)
    if cell is None:
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
    )
    out.ref_q25, out.ref_median, out.ref_q75, out.ref_min, out.ref_max = sample.quantiles
    if group.n == 0:
        return out
    ours = 100 * own_values(group, at, reference.protocol)
    out.q25, out.median, out.q75 = sample_of(ours).quantiles[:3]
    out.difference = out.median - out.ref_median
    if sample.runs:
        theirs = np.array(sample.runs)
        out.p_value = rank_test(ours, theirs)
        sd = pooled_sd(ours, theirs)
        out.power_10 = power(min(len(ours), len(theirs)), CLAIM, sd)
        needed = seeds_needed(CLAIM, sd)
        out.seeds_10 = float("inf") if needed is None else float(needed)
    if not reasons:
        out.verdict = decide(out)
    return out


def own_values(group: RunGroup, at: str, protocol: dict[str, Any]) -> Floats:
    """One win rate (0..1) per run by the statistic of the reference's protocol.

    ``final_steps``: the end is the mean over the run's last so many steps, else the project's own
    final value; ``checkpoint_half_window``: that of a checkpoint.
    """
    pairs = list(zip(group.raw_times, group.raw, strict=True))
    tail = positive(protocol.get("final_steps"))
    if at == "final":
        return group.finals() if not tail else np.array([tail_mean(t, v, tail) for t, v in pairs])
    half = positive(protocol.get("checkpoint_half_window")) or HALF_WINDOW
    return np.array([window_mean(t, v, int(at), half) for t, v in pairs])


def decide(v: CellVerdict) -> str:
    """Apply the rule to filled-in numbers."""
    if np.isfinite(v.p_value):
        differs = v.p_value < ALPHA and abs(v.difference) >= MARGIN
    else:
        differs = v.median > v.ref_max + MARGIN or v.median < v.ref_min - MARGIN
    if not differs:
        return "COMPATIBLE"
    return "ABOVE" if v.difference > 0 else "BELOW"


def pooled_sd(x: "np.ndarray[Any, Any]", y: "np.ndarray[Any, Any]") -> float:
    """Root of the pooled variance of two samples (ddof 1), in percentage points."""
    df = len(x) + len(y) - 2
    if df <= 0:
        return float("nan")
    square = ((x - x.mean()) ** 2).sum() + ((y - y.mean()) ** 2).sum()
    return float(np.sqrt(square / df))


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
    verdicts: list[CellVerdict], unknown: list[str], references: list[ReferenceSet]
) -> str:
    """The verdict table with sources, rule and power note."""
    lines = ["# Against published results", ""]
    lines += [f"- {markdown_escape(r.name)}: {markdown_escape(r.source)}" for r in references]
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
    write_text(out / "verdicts.md", to_markdown(verdicts, unknown, references))
    labels = ("COMPATIBLE", "BELOW", "ABOVE", "INCOMPARABLE")
    counts = [f"{sum(v.verdict == w for v in verdicts)} {w}" for w in labels]
    return ", ".join(counts) + (f", {len(unknown)} without reference" if unknown else "")
