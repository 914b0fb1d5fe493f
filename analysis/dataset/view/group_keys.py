"""What runs must have in common to share a curve, and the name of that curve."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from analysis.dataset.checks.run_kind import KINDS
from analysis.dataset.labels import SIMULATED, alg_label, engine_label
from analysis.dataset.view.differences import variant_order, variants
from analysis.dataset.view.options import View
from analysis.errors import ResultError

Row = dict[str, Any]
PAPER_ALGORITHMS = ["qmix", "vdn", "iql", "qtran", "coma"]  # the paper's; others follow by name


class GroupKey(NamedTuple):
    """What runs must have in common to share a curve."""

    map: str
    alg: str
    variant: tuple[str, ...]  # kind, label of the folder, values of split keys; mostly empty
    backend: str
    sc2_build: str  # empty when there was none
    engine: int  # version of the simulator's engine; 0: none, not known, or pooled


def group_rows(runs: pd.DataFrame, view: View, pooled: bool) -> dict[GroupKey, list[Row]]:
    """The rows of the table of runs by the curve they belong to.

    Evaluations and continued trainings have curves of their own, or, left out, none.

    Args:
        runs: the table of runs.
        view: which settings are split.
        pooled: versions of the simulator's engine may share a curve.
    """
    table = runs.copy()
    table["backend"] = runs["backend"].fillna("unknown")
    table["sc2_build"] = runs["sc2_build"].fillna("")
    table["engine_version"] = runs["engine_version"].fillna(0)
    members: dict[GroupKey, list[Row]] = {}
    rows = table.astype(object).to_dict("records")
    for row, variant in zip(rows, variants(runs, view.split), strict=True):
        if row["code"] in KINDS:
            continue
        if row["kind"] in KINDS:
            variant = (str(row["kind"]), *variant)
        alg, swept = swept_settings(str(row["alg"]))
        variant = tuple(dict.fromkeys((*variant, *swept)))
        engine = 0 if pooled else int(row["engine_version"])
        played_on = (str(row["backend"]), str(row["sc2_build"]), engine)
        key = GroupKey(str(row["map"]), alg, variant, *played_on)
        members.setdefault(key, []).append({str(k): v for k, v in row.items()})
    place_unfinished(members)
    return {key: rows for key, rows in members.items() if rows}


def swept_settings(name: str) -> tuple[str, tuple[str, ...]]:
    """``qmix[lr=0.1,td_lambda=0.4]`` -> ("qmix", ("lr=0.1", "td_lambda=0.4")); others as they are.

    Variants that ``sweep`` in an experiment file makes are named so.
    """
    base, bracket, rest = name.partition("[")
    parts = tuple(rest.removesuffix("]").split(","))
    whole = bracket and rest.endswith("]") and base.strip() == base != ""
    return (base, parts) if whole and all("=" in part for part in parts) else (name, ())


def swept_name(alg: str, variant: Sequence[str]) -> str:
    """The way back from :func:`swept_settings`."""
    return f"{alg}[{','.join(variant)}]" if variant else alg


def place_unfinished(members: dict[GroupKey, list[Row]]) -> None:
    """Count runs that have not told their engine's version yet with those of the newest one.

    A run tells it when it has finished; until then it would be a group of its own.
    """
    for key, rows in members.items():
        if key.backend not in SIMULATED or key.engine or any(r["included"] for r in rows):
            continue
        newest = max((k for k in members if k[:5] == key[:5]), key=lambda k: k.engine)
        if newest != key:
            members[newest] += rows
            rows.clear()


def base_label(alg: str, algs: Iterable[str]) -> str:
    """Display name of an algorithm; its own name where two of ``algs`` would be named alike."""
    label = alg_label(alg)
    return alg if any(a != alg and alg_label(a) == label for a in algs) else label


def label_of(key: GroupKey, used: Sequence[GroupKey], view: View) -> str:
    """The algorithm, what sets it apart, and what played its battles when the curves differ in it.

    ``QMIX``, ``QMIX [td_lambda=0.4]``, ``QMIX [sim, engine 2]``; as renamed in ``view``.

    Args:
        key: the group.
        used: groups with runs in the statistics.
        view: new names of algorithms or of whole labels.
    """
    label = base_label(key.alg, {k.alg for k in used})
    parts = list(key.variant)
    if len({k[3:] for k in used}) > 1:
        name = key.backend if key.backend in SIMULATED else key.sc2_build or key.backend
        if any(k.backend != key.backend and k.sc2_build == name for k in used):
            name = f"{key.backend} {name}"  # one build name, several backends
        engines = {k.engine for k in used if k.backend in SIMULATED}
        if key.backend in SIMULATED and len(engines) > 1:
            name += f", {engine_label([key.engine])}" if key.engine else ", engine not recorded"
        parts.append(name)
    rest = f" [{', '.join(parts)}]" if parts else ""
    whole = view.labels.get((label + rest).lower())
    if whole is not None:
        return whole
    return view.labels.get(key.alg.lower(), view.labels.get(label.lower(), label)) + rest


def alg_key(alg: str) -> tuple[int, str]:
    """Sort key: the paper's algorithms first, in its order."""
    low = alg.lower()
    return (PAPER_ALGORITHMS.index(low) if low in PAPER_ALGORITHMS else len(PAPER_ALGORITHMS), low)


def place_order(place: tuple[str, str]) -> tuple[Any, ...]:
    """Sort key of a map and an algorithm: 3m before 10m, ``qmix[lr=9]`` before ``qmix[lr=10]``."""
    map_name, (base, settings) = place[0], swept_settings(place[1])
    return (natural(map_name), alg_key(base), variant_order(settings), place)


def natural(text: str) -> tuple[object, ...]:
    """Sort key that puts 3m before 10m."""
    digits = ""
    for char in text:
        if not (char.isascii() and char.isdigit()):
            break
        digits += char
    return (int(digits[:18]) if digits else 10**18, text)


def check_names(curves: Iterable[tuple[str, str, str]]) -> None:
    """Check that no two curves of a map have one name.

    Args:
        curves: (map, label, algorithm) of each curve with runs.

    Raises:
        ResultError: naming both.
    """
    seen: dict[tuple[str, str], str] = {}
    for map_name, label, alg in curves:
        if (map_name, label) in seen:
            raise ResultError(
                f"two curves on {map_name} would be named {label!r} (algorithms "
                f"{seen[map_name, label]} and {alg}); give each --label a name of its own"
            )
        seen[map_name, label] = alg
