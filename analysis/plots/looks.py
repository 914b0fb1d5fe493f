"""Colour, marker and hatch of every curve: the same in all figures of one command."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.colors import is_color_like
from matplotlib.lines import Line2D

from analysis.dataset.groups import RunGroup
from analysis.dataset.labels import alg_label
from analysis.dataset.view.group_keys import alg_key, swept_name
from analysis.errors import ResultError, did_you_mean

# Okabe and Ito's colours differ with the common colour-vision deficiencies; markers differ in
# greyscale.
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8A8A00"]
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*"]
HATCHES = ["", "////", "....", "\\\\\\\\", "xxxx", "----", "oooo", "++++"]
FIXED = {"qmix": 0, "vdn": 1, "iql": 2, "qtran": 3, "coma": 4}


class Look(NamedTuple):
    """How one label is drawn; the slot repeats after eight."""

    slot: int
    color: str

    @property
    def marker(self) -> str:
        """Marker, which differs in greyscale."""
        return MARKERS[self.slot % len(MARKERS)]

    def line(self) -> dict[str, Any]:
        """Keywords of a line with markers."""
        return {
            "color": self.color,
            "marker": self.marker,
            "markersize": 3.2,
            "markeredgecolor": "white",
            "markeredgewidth": 0.4,
        }

    def bar(self) -> dict[str, Any]:
        """Keywords of a bar."""
        hatch = HATCHES[self.slot % len(HATCHES)]
        return {"facecolor": self.color, "alpha": 0.55, "hatch": hatch, "edgecolor": "white"}

    def handle(self, text: str) -> Line2D:
        """Legend entry of a line."""
        return Line2D([], [], **(self.line() | {"markersize": 3.5}), label=text)


Looks = Mapping[str, Look]


def style_index(labels: Sequence[str]) -> dict[str, int]:
    """A fixed slot for the paper's algorithms, free slots in order for the others.

    Of an algorithm that is split into several curves the first has its slot; curves of one
    algorithm only take the slots in order.
    """
    if len({label.split(" [")[0] for label in labels}) == 1 and len(set(labels)) > 1:
        return {label: slot for slot, label in enumerate(dict.fromkeys(labels))}
    out: dict[str, int] = {}
    taken: set[int] = set()
    for label in sorted(dict.fromkeys(labels), key=lambda x: alg_key(x.split(" [")[0])):
        slot = FIXED.get(label.split(" [")[0].lower())
        if slot is None or slot in taken:
            free = [i for i in range(10_000) if i not in taken and i not in FIXED.values()]
            slot = free[0]
        taken.add(slot)
        out[label] = slot
    return out


def slots_of(groups: Sequence[RunGroup]) -> dict[str, int]:
    """The slot of every label, in the order of legends; a new name does not change it."""
    ordered = sorted(groups, key=lambda g: g.order)
    by_original = style_index([g.original for g in ordered])
    return {g.label: by_original[g.original] for g in ordered}


def looks_of(groups: Sequence[RunGroup], chosen: Sequence[str] = ()) -> dict[str, Look]:
    """The look of every label.

    Args:
        groups: all groups that any figure shows.
        chosen: ``ALG=#hex``; an algorithm (all of its curves) or the name of one curve.

    Raises:
        ResultError: not a colour, or a name that is not shown.
    """
    slots = slots_of(groups)
    colors = {label: COLORS[slot % len(COLORS)] for label, slot in slots.items()}
    names = {
        g.label: {
            t.lower()
            for t in (g.label, g.original, swept_name(g.alg, g.variant), g.alg, alg_label(g.alg))
        }
        for g in groups
    }
    for text in chosen:
        name, _, value = text.rpartition("=")
        found = [label for label, own in names.items() if name.strip().lower() in own]
        if not found:
            known = list(dict.fromkeys([*names, *(g.alg for g in groups)]))
            raise ResultError(
                f"--color {text}: expected ALG=#hex with ALG one of {', '.join(names)}"
                f"{did_you_mean(name or text, known)}"
            )
        if not is_color_like(value):
            raise ResultError(f"--color {text}: {value!r} is no colour; expected e.g. #0072B2")
        colors |= dict.fromkeys(found, value)
    return {label: Look(slot, colors[label]) for label, slot in slots.items()}
