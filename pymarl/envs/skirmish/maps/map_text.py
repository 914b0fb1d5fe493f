"""Maps as text, for ``python -m pymarl.envs.skirmish show``."""

import numpy as np

from pymarl.envs.skirmish.maps.spawn import place_units
from pymarl.envs.skirmish.maps.world import sort_agents
from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import MapSpec, Side
from pymarl.envs.smac.rules.feature_sizes import n_actions, obs_size, state_size
from pymarl.envs.smac.rules.features import max_reward

_MARGIN = 3


def describe(spec: MapSpec) -> str:
    """Return sizes, sides and the enemies' order as lines of text."""
    args = SmacArgs()
    points = " ".join(f"({x:g}, {y:g})" for x, y in spec.order_points)
    x0, y0, x1, y1 = spec.terrain.playable
    return "\n".join(
        [
            f"{spec.name}: {spec.source}",
            f"terrain {spec.terrain.name}, {spec.terrain.width} x {spec.terrain.height},"
            f" playable ({x0:g}, {y0:g})..({x1:g}, {y1:g})",
            f"agents  {_side(spec.ally)}"
            + ("" if spec.ally.passive else ", stock units that defend themselves"),
            f"enemies {_side(spec.enemy)}; order: {spec.order} {points}".rstrip()
            + (f" after {spec.order_after_loops} loops" if spec.order_after_loops else ""),
            *(
                ["teams and places are drawn in every episode; these are those of seed 0"]
                if spec.scenario
                else []
            ),
            f"limit {spec.limit} steps of {spec.step_mul} game loops,"
            f" {n_actions(spec)} actions,"
            f" obs {obs_size(args, spec)}, state {state_size(args, spec)},"
            f" largest return before scaling {max_reward(spec, args):g}",
        ]
    )


def _side(side: Side) -> str:
    """Return a side as text."""
    units = ", ".join(
        f"{group.count} {group.unit} at ({group.x:g}, {group.y:g})" for group in side.groups
    )
    return f"({side.race}) {units}"


def draw(spec: MapSpec) -> str:
    """Return the part of the map around the units and the order, north up.

    A agents, e enemies, X the order.
    """
    agents, enemies = place_units(spec)
    agents = sort_agents(spec, agents)
    t = spec.terrain
    cells = np.where(t.pathing, ".", np.where(t.cliff, "^", "#")).astype("<U1")
    for mark, units in (("e", enemies), ("a", agents)):
        for _, x, y in units:
            cells[int(y), int(x)] = mark
    for x, y in spec.order_points:
        cells[int(y), int(x)] = "X"
    if t.width > 64 or t.height > 64:
        points = [(x, y) for _, x, y in (*agents, *enemies)] + list(spec.order_points)
        xs, ys = [int(p[0]) for p in points], [int(p[1]) for p in points]
        cells = cells[
            max(min(ys) - _MARGIN, 0) : max(ys) + _MARGIN + 1,
            max(min(xs) - _MARGIN, 0) : max(xs) + _MARGIN + 1,
        ]
    return "\n".join("".join(row) for row in cells[::-1])
