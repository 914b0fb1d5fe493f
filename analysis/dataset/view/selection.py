"""The part of a dataset that was asked for, and the names it is shown under."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from analysis.dataset.groups import build_groups
from analysis.dataset.labels import clean_label
from analysis.dataset.storage import Dataset
from analysis.dataset.view.call_outs import setting_call_outs
from analysis.dataset.view.differences import useful_split
from analysis.dataset.view.group_keys import base_label, swept_name
from analysis.dataset.view.included_kinds import include_kinds
from analysis.dataset.view.options import View
from analysis.dataset.view.training_cut import cut_at, describe_again, include_incomplete
from analysis.errors import ResultError, did_you_mean


class Asked(NamedTuple):
    """The options that say what of a dataset is shown; empty: all of it, in the usual way."""

    metric: str | None = None
    until: int | None = None
    include_incomplete: bool = False
    kinds: tuple[str, ...] = ()  # evaluation, continued
    split: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()
    algs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()  # "old=new"


NOTHING_ASKED = Asked()


def apply_view(dataset: Dataset, asked: Asked) -> Dataset:
    """A dataset that shows what was asked for; the one given is not changed.

    Raises:
        ResultError: a metric, key, map, algorithm or old label that does not exist, with the
            nearest one that does.
    """
    if asked == NOTHING_ASKED:
        return dataset
    every = list(dict.fromkeys(map(str, dataset.runs["map"])))
    pooled = bool(dataset.info.get("pooled_engines"))
    before = set(setting_call_outs(dataset.runs, dataset.view, pooled))
    out = Dataset(dataset.tidy, dataset.runs.copy(), copy.deepcopy(dataset.info), dataset.view)
    split = useful_split(out.runs, asked.split)
    out.view = View(metric=asked.metric, split=split, until=asked.until)
    keep_maps(out, asked.maps)
    include_kinds(out, asked.kinds)
    if asked.until is not None:
        cut_at(out, asked.until)
    if asked.include_incomplete:
        include_incomplete(out)
    keep_algs(out, asked.algs)
    describe_again(out, every)
    new = setting_call_outs(out.runs, out.view, pooled)
    out.info["call_outs"] = [c for c in out.info["call_outs"] if c not in before] + new
    out.view = replace(out.view, labels=new_names(out, asked.labels))
    build_groups(out, out.metric.key)  # a metric or names that cannot be shown are told now
    return out


def keep_maps(dataset: Dataset, maps: Sequence[str]) -> None:
    """Keep the named maps, in their order."""
    known = list(dict.fromkeys(map(str, dataset.runs["map"])))
    for name in maps:
        if name not in known:
            raise ResultError(
                f"--maps {name}: no run on it; maps: {', '.join(known)}{did_you_mean(name, known)}"
            )
    if maps:
        dataset.runs = dataset.runs[dataset.runs["map"].isin(list(maps))].reset_index(drop=True)
        dataset.view = replace(dataset.view, maps=tuple(maps))


def keep_algs(dataset: Dataset, algs: Sequence[str]) -> None:
    """Keep the named algorithms or single curves (``qmix``, ``QMIX``, ``QMIX [lr=0.001]``)."""
    if not algs:
        return
    groups = build_groups(dataset)
    chosen: list[str] = []
    kept: set[str] = set()
    for name in algs:
        low = name.lower()
        found = [g for g in groups if low in (g.label.lower(), *alg_names(g.alg))]
        found = found or [g for g in groups if swept_name(g.alg, g.variant).lower() == low]
        if not found:
            known = list(dict.fromkeys([*(g.label for g in groups), *(g.alg for g in groups)]))
            hint = did_you_mean(name, known)
            raise ResultError(f"--algs {name}: no run of it; known: {', '.join(known)}{hint}")
        chosen += [g.alg if low in alg_names(g.alg) else g.label for g in found]
        kept |= {run_id for g in found for run_id in g.found_ids}
    dataset.runs = dataset.runs[dataset.runs["run_id"].isin(kept)].reset_index(drop=True)
    dataset.view = replace(dataset.view, algs=tuple(dict.fromkeys(chosen)))


def alg_names(alg: str) -> tuple[str, str]:
    """Names that an algorithm answers to, in lower case: its configuration's and the shown one."""
    return alg.lower(), base_label(alg, [alg]).lower()


def new_names(dataset: Dataset, texts: Sequence[str]) -> Mapping[str, str]:
    """``old=new`` to {old in lower case: new}; old is an algorithm or a whole curve's name.

    A curve's name may hold ``=`` itself (``QMIX [lr=0.001]=fast``): the longest known name counts.

    Raises:
        ResultError: no ``=``, an empty new name, or an old one that is not shown.
    """
    groups = build_groups(dataset)
    known = {
        n
        for g in groups
        for n in (g.label.lower(), swept_name(g.alg, g.variant).lower(), *alg_names(g.alg))
    }
    out: dict[str, str] = {}
    for text in texts:
        cuts = [i for i, char in enumerate(text) if char == "="]
        fits = [i for i in cuts if text[:i].strip().lower() in known]
        new = clean_label(text[fits[-1] + 1 :], "") if fits else ""
        if not new:
            old = text.split("=", 1)[0].strip()
            names = list(dict.fromkeys(g.label for g in groups))
            raise ResultError(
                f"--label {text}: expected old=new with old one of {', '.join(names)}"
                f"{'' if fits else did_you_mean(old, [*names, *(g.alg for g in groups)])}"
            )
        old = text[: fits[-1]].strip().lower()
        out[old] = new
        out |= {n: new for g in groups if old in alg_names(g.alg) for n in alg_names(g.alg)}
        out |= {
            g.label.lower(): new
            for g in groups
            if g.variant and swept_name(g.alg, g.variant).lower() == old
        }
    return out
