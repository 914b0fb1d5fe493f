"""Synthetic run folders in the form our trainer writes them."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

DEFAULT_RATE = {"qmix": 0.95, "vdn": 0.8, "iql": 0.5}
EXTRA_METRICS = (
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
)


def curve(rng: np.random.Generator, count: int, top: float, episodes: int = 32) -> np.ndarray:
    """A learning curve of k/episodes values."""
    x = np.linspace(0, 1, count)
    mid, width = rng.uniform(0.3, 0.5), 0.1
    p = top / (1 + np.exp(-(x - mid) / width))
    return rng.binomial(episodes, np.clip(p, 0, 1)) / episodes


@dataclass
class SyntheticRun:
    """What a synthetic run folder holds; ``None`` for ``times`` and ``values``: made up by seed.

    ``state``: complete, running, failed or unsealed (all files but no complete.json).
    """

    map_name: str = "3m"
    alg: str = "qmix"
    seed: int = 1
    experiment: str = "demo"
    env: str = "sim"
    t_max: int = 50_000
    interval: int = 5_000
    state: str = "complete"
    episodes: bool = True
    n_episodes: int = 32
    extra_metrics: bool = False
    provenance: dict[str, Any] = field(default_factory=dict)  # replaces single entries
    config: dict[str, Any] = field(default_factory=dict)  # replaces single entries
    times: list[int] | None = None
    values: list[float] | None = None

    def evaluations(self) -> tuple[list[int], list[float]]:
        """Times and win rates; of an unfinished run the first half."""
        rng = np.random.default_rng(abs(hash_int(self.map_name, self.alg, self.seed)))
        count = self.t_max // self.interval + 1
        times, values = self.times, self.values
        if times is None:
            jitter = rng.integers(0, 60, size=count)
            times = [int(k * self.interval + jitter[k]) for k in range(count)]
        if values is None:
            top = DEFAULT_RATE.get(self.alg, 0.6)
            values = [float(v) for v in curve(rng, count, top, self.n_episodes)]
        if self.state in ("running", "failed"):
            return times[: count // 2], values[: count // 2]
        return times, values

    def info_json(self) -> dict[str, list[Any]]:
        """Metrics as sacred's info.json has them."""
        times, values = self.evaluations()
        metrics = {
            "test_battle_won_mean": values,
            "test_return_mean": [20 * v for v in values],
            "test_ep_length_mean": [30.0 + v for v in values],
            "loss": [1.0 / (1 + i) for i in range(len(times))],
        }
        if self.extra_metrics:
            metrics |= dict.fromkeys(EXTRA_METRICS, values)
        info: dict[str, list[Any]] = {}
        for name, numbers in metrics.items():
            info[name], info[f"{name}_T"] = list(numbers), list(times)
        return info

    def config_json(self) -> dict[str, Any]:
        """The resolved config."""
        return {
            "name": self.alg,
            "env": self.env,
            "env_args": {"map_name": self.map_name},
            "seed": self.seed,
            "t_max": self.t_max,
            "test_interval": self.interval,
            "test_nepisode": self.n_episodes,
            "runner": "episode",
            "batch_size_run": 1,
            "experiment": self.experiment,
        } | self.config

    def provenance_json(self) -> dict[str, Any]:
        """Where the result comes from."""
        return {
            "format": 1,
            "backend": "sim",
            "backend_label": "embedded simulator, not StarCraft II",
            "sc2_build": None,
            "git_commit": "0" * 40,
            "git_dirty": False,
            "code_sha256": "a" * 64,
            "python": "3.11.7",
            "packages": {"torch": "2.13.0"},
            "seed": self.seed,
            "device": "cpu",
            "threads": 1,
            "platform": "Linux",
            "command": "python -m pymarl ...",
            "started": "2026-01-01T00:00:00Z",
            "finished": "2026-01-01T00:01:40Z",
            "duration_s": 100.0,
            "env_steps": self.t_max,
            "updates": self.t_max // 30,
            "resumes": 0,
            "image_digest": None,
        } | self.provenance

    def write(self, root: Path) -> Path:
        """Write the folder under ``root/<experiment>/...`` and return it."""
        folder = root / self.experiment / self.env / self.map_name / self.alg / f"seed={self.seed}"
        files = folder if self.state in ("complete", "unsealed") else folder / "work"
        times, values = self.evaluations()
        status = "COMPLETED" if files == folder else self.state.upper()
        dump(files / "config.json", self.config_json())
        dump(files / "info.json", self.info_json())
        dump(files / "run.json", {"status": status, "host": {"hostname": "box"}})
        dump(files / "provenance.json", self.provenance_json())
        (files / "cout.txt").write_text("log\n")
        if self.episodes:
            lines = episode_lines(times, values, self.interval, self.n_episodes)
            (files / "test_episodes.jsonl").write_text(lines)
        if self.state in ("running", "failed"):
            last = times[-1] if times else 0
            progress = {"t_env": last, "t_max": self.t_max, "rate": 500.0, "eta_s": 60.0}
            dump(files / "progress.json", progress | {"test_battle_won_mean": 0.5})
        if self.state == "complete":
            seal(folder)
        return folder


def write_run(
    root: Path, map_name: str = "3m", alg: str = "qmix", seed: int = 1, **options: Any
) -> Path:
    """Write one :class:`SyntheticRun`; ``options`` are its other fields. Returns the folder."""
    return SyntheticRun(map_name, alg, seed, **options).write(root)


def hash_int(*parts: object) -> int:
    """A stable integer from any parts (``hash`` of strings differs per process)."""
    return int(hashlib.sha256(repr(parts).encode()).hexdigest()[:12], 16)


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
