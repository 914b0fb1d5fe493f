"""The axis of environment steps: one unit where it fits every panel, else a unit at each tick."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

UNITS = ((1e9, "billion", "B"), (1e6, "million", "M"), (1e3, "thousand", "k"))


def format_steps(limit: float) -> tuple[float, str]:
    """Divisor and unit for an axis that ends at ``limit`` env steps."""
    for divisor, unit, _ in UNITS:
        if limit >= divisor:
            return divisor, unit
    return 1.0, ""


def short_steps(t: float) -> str:
    """``0``, ``500``, ``20k``, ``1.5M``."""
    for divisor, _, letter in UNITS:
        if abs(t) >= divisor:
            return f"{t / divisor:g}{letter}"
    return f"{t:g}"


def time_axes(axes: Sequence[Axes], ends: Sequence[float]) -> str:
    """Set the ticks of panels that end at ``ends`` env steps; returns the axis' label.

    Panels of the same order share a unit, which the label names ("Environment steps (million)");
    where one is so much shorter that its ticks would be small fractions of it, each tick has its
    own ("20k", "2M").
    """
    divisor, unit = format_steps(max(ends, default=1.0))
    shared = all(format_steps(end)[1] == unit or end >= divisor / 2 for end in ends)
    for ax in axes:
        ax.set_xlim(left=0)
        ax.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
        if shared:
            ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x / divisor:g}"))
        else:
            ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: short_steps(x)))
    return f"Environment steps ({unit})" if unit and shared else "Environment steps"
