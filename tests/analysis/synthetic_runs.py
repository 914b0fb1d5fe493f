"""Synthetic run folders in the form our trainer writes them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

DEFAULT_RATE = {"qmix": 0.95, "vdn": 0.8, "iql": 0.5}


def curve(rng: np.random.Generator, count: int, top: float, episodes: int = 32) -> np.ndarray:
    """A learning curve of k/episodes values."""
    x = np.linspace(0, 1, count)
    mid, width = rng.uniform(0.3, 0.5), 0.1
    p = top / (1 + np.exp(-(x - mid) / width))
    return rng.binomial(episodes, np.clip(p, 0, 1)) / episodes


def write_run(
    root: Path,
    map_name: str = "3m",
    alg: str = "qmix",
    seed: int = 1,
    *,
    experiment: str = "demo",
    env: str = "sim",
    t_max: int = 50_000,
    interval: int = 5_000,
    state: str = "complete",
    episodes: bool = True,
    n_episodes: int = 32,
    extra_metrics: bool = False,
    provenance: dict[str, Any] | None = None,
    config: dict[str, Any] | None = None,
    times: list[int] | None = None,
    values: list[float] | None = None,
) -> Path:
    """Write one run folder under ``root/<experiment>/...``; returns the folder.

    ``state``: complete, running, failed or unsealed (all files but no complete.json).
    """
    folder = root / experiment / env / map_name / alg / f"seed={seed}"
    files = folder if state in ("complete", "unsealed") else folder / "work"
    files.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(abs(hash_int(map_name, alg, seed)))
    count = t_max // interval + 1
    if times is None:
        jitter = rng.integers(0, 60, size=count)
        times = [int(k * interval + jitter[k]) for k in range(count)]
    if values is None:
        values = [float(v) for v in curve(rng, count, DEFAULT_RATE.get(alg, 0.6), n_episodes)]
    if state in ("running", "failed"):
        times, values = times[: count // 2], values[: count // 2]
    info: dict[str, list[Any]] = {}
    add(info, "test_battle_won_mean", values, times)
    add(info, "test_return_mean", [20 * v for v in values], times)
    add(info, "test_ep_length_mean", [30.0 + v for v in values], times)
    add(info, "loss", [1.0 / (1 + i) for i in range(len(times))], times)
    if extra_metrics:
        for name in (
            "battle_won_mean",
            "return_mean",
            "grad_norm",
            "td_error_abs",
            "epsilon",
            "q_taken_mean",
            "target_mean",
            "test_dead_allies_mean",
            "test_dead_enemies_mean",
            "test_return_std",
        ):
            add(info, name, values, times)
    cfg = {
        "name": alg,
        "env": env,
        "env_args": {"map_name": map_name},
        "seed": seed,
        "t_max": t_max,
        "test_interval": interval,
        "test_nepisode": n_episodes,
        "runner": "episode",
        "batch_size_run": 1,
        "experiment": experiment,
    } | (config or {})
    prov = {
        "format": 1,
        "backend": "sim",
        "backend_label": "embedded simulator, not StarCraft II",
        "sc2_build": None,
        "git_commit": "0" * 40,
        "git_dirty": False,
        "code_sha256": "a" * 64,
        "python": "3.11.7",
        "packages": {"torch": "2.13.0"},
        "seed": seed,
        "device": "cpu",
        "threads": 1,
        "platform": "Linux",
        "command": "python -m pymarl ...",
        "started": "2026-01-01T00:00:00Z",
        "finished": "2026-01-01T00:01:40Z",
        "duration_s": 100.0,
        "env_steps": t_max,
        "updates": t_max // 30,
        "resumes": 0,
        "image_digest": None,
    } | (provenance or {})
    status = {"complete": "COMPLETED", "unsealed": "COMPLETED"}.get(state, state.upper())
    dump(files / "config.json", cfg)
    dump(files / "info.json", info)
    dump(files / "run.json", {"status": status, "host": {"hostname": "box"}})
    dump(files / "provenance.json", prov)
    (files / "cout.txt").write_text("log\n")
    if episodes:
        (files / "test_episodes.jsonl").write_text(
            episode_lines(times, values, interval, n_episodes)
        )
    if state in ("running", "failed"):
        last = times[-1] if times else 0
        progress = {"t_env": last, "t_max": t_max, "rate": 500.0, "eta_s": 60.0}
        dump(files / "progress.json", progress | {"test_battle_won_mean": 0.5})
    if state == "complete":
        seal(folder)
    return folder


def hash_int(*parts: object) -> int:
    """A stable integer from any parts (``hash`` of strings differs per process)."""
    return int(hashlib.sha256(repr(parts).encode()).hexdigest()[:12], 16)


def add(info: dict[str, list[Any]], name: str, values: list[float], times: list[int]) -> None:
    """Add one stat with its times."""
    info[name], info[f"{name}_T"] = list(values), list(times)


def episode_lines(times: list[int], values: list[float], interval: int, n: int) -> str:
    """test_episodes.jsonl whose means are the values."""
    lines = []
    for t, v in zip(times, values, strict=True):
        wins = round(v * n)
        for i in range(n):
            won = int(i < wins)
            lines.append(
                json.dumps(
                    {
                        "t_env": t,
                        "t_nominal": t // interval * interval,
                        "index": i,
                        "env_seed": 1000 + i,
                        "return": 20.0 * won,
                        "length": 30 + i % 5,
                        "battle_won": won,
                        "timeout": 0,
                        "dead_allies": 1,
                        "dead_enemies": 3 * won,
                        "ally_health_left": 0.5,
                        "enemy_health_left": 0.5 * (1 - won),
                    }
                )
            )
    return "\n".join(lines) + "\n" if lines else ""


def seal(folder: Path) -> None:
    """Write complete.json with the checksums of all plain files."""
    names = sorted(p.name for p in folder.iterdir() if p.is_file() and p.name != "complete.json")
    sums = {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in names}
    dump(folder / "complete.json", {"format": 1, "status": "COMPLETED", "files": sums})


def dump(path: Path, value: Any) -> None:
    """Write JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def write_grid(
    root: Path, maps: list[str], algs: list[str], seeds: list[int], **kwargs: Any
) -> Path:
    """A whole experiment; returns the experiment's folder."""
    for map_name in maps:
        for alg in algs:
            for seed in seeds:
                write_run(root, map_name, alg, seed, **kwargs)
    return root / kwargs.get("experiment", "demo")


def battle(steps: int = 40, alg: str = "qmix", seed: int = 1) -> dict[str, Any]:
    """A synthetic recorded battle: 3 marines against 3, the enemies die one after the other."""
    rng = np.random.default_rng(seed)
    units = [
        {
            "id": i,
            "side": "ally" if i < 3 else "enemy",
            "type": "marine" if i != 2 else "stalker",
            "radius": 0.375,
            "health_max": 45,
            "shield_max": 0 if i != 2 else 80,
        }
        for i in range(6)
    ]
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
        "units": units,
        "frames": frames,
        "actions": actions,
        "attacks": attacks,
        "action_names": [
            "no-op",
            "stop",
            "north",
            "south",
            "east",
            "west",
            "attack 0",
            "attack 1",
            "attack 2",
        ],
        "result": {"battle_won": True, "return": 20.0, "length": steps},
    }


def write_battles(folder: Path, count: int = 1, **kwargs: Any) -> None:
    """Add recorded battles to a run folder."""
    for i in range(count):
        dump(folder / "battles" / f"battle-{i}.json", battle(seed=i + 1, **kwargs))
