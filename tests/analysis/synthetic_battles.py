"""Synthetic recorded battles in the form that the report embeds."""

from pathlib import Path
from typing import Any

import numpy as np

from tests.analysis.synthetic_runs import dump

ACTION_NAMES = ["no-op", "stop", "north", "south", "east", "west"]


def unit(index: int) -> dict[str, Any]:
    """One of six units: three allies, of which the last is a stalker, then three enemies."""
    stalker = index == 2
    return {
        "id": index,
        "side": "ally" if index < 3 else "enemy",
        "type": "stalker" if stalker else "marine",
        "radius": 0.375,
        "health_max": 45,
        "shield_max": 80 if stalker else 0,
    }


def battle(steps: int = 40, alg: str = "qmix", seed: int = 1) -> dict[str, Any]:
    """A battle of three against three in which the enemies die one after the other."""
    rng = np.random.default_rng(seed)
    frames, actions, attacks = [], [], []
    for k in range(steps + 1):
        share = k / steps
        x = [9 + 4 * min(1, 2 * share)] * 3 + [22 - 4 * min(1, 2 * share)] * 3
        y = [14.0 + 2 * i + 0.2 * float(rng.normal()) for i in range(3)] * 2
        health = [45 - 20 * share] * 3 + [max(0.0, 45 * (1 - share * (4 - i))) for i in (1, 2, 3)]
        frames.append(
            {
                "step": k,
                "x": x,
                "y": y,
                "health": health,
                "shield": [0, 0, 80 * (1 - share), 0, 0, 0],
                "alive": [int(h > 0) for h in health],
            }
        )
        attacks.append([[i, 3 + i] for i in range(3)] if share > 0.4 else [])
        if k < steps:
            actions.append([2 + (k + i) % 4 if share < 0.4 else 6 + i for i in range(3)])
    return {
        "format": "pymarl-battle",
        "version": 1,
        "map": {
            "name": "3m",
            "size": [32, 32],
            "pathing_rows": ["0" * 32] * 8 + ["1" * 32] * 16 + ["0" * 32] * 8,
        },
        "backend": "sim",
        "alg": alg,
        "seed": seed,
        "t_env": 50_000,
        "units": [unit(i) for i in range(6)],
        "frames": frames,
        "actions": actions,
        "attacks": attacks,
        "action_names": ACTION_NAMES + [f"attack {i}" for i in range(3)],
        "result": {"battle_won": True, "return": 20.0, "length": steps},
    }


def write_battles(folder: Path, count: int = 1, **kwargs: Any) -> None:
    """Add recorded battles to a run folder."""
    for i in range(count):
        dump(folder / "battles" / f"battle-{i}.json", battle(seed=i + 1, **kwargs))
