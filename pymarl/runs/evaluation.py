"""What an evaluation of a saved model checks, says and writes."""

from collections.abc import Mapping, Sequence
from math import sqrt
from pathlib import Path
from statistics import NormalDist, fmean, stdev
from typing import Any, Final

from pymarl.config.schema import Config
from pymarl.errors import CheckpointError
from pymarl.registries import ENVS
from pymarl.runs.saved_models import find_saved_model
from pymarl.runs.td_residual import TDResiduals
from pymarl.utils import atomic
from pymarl.utils.logging import Logger

CONFIDENCE: Final = 0.95
SUMMARY_FILE: Final = "evaluation.json"


def check_loaded(args: Config, model: Path, missing: Sequence[str], logger: Logger) -> None:
    """Say which networks a saved model does not have; playing needs the agents' only.

    Raises:
        CheckpointError: ``td_residual`` needs one of them.
    """
    for name in missing:
        if args.td_residual:
            raise CheckpointError(
                f"{model / name}.th: missing, and td_residual=True needs the team's value; put it "
                "beside agent.th, or use --config=vdn for agents whose values add up, or evaluate "
                "without td_residual"
            )
        logger.console.info("No %s.th in %s: agents play without it", name, model)


def wilson_interval(won: int, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return Wilson's score interval of a probability, for ``won`` of ``n`` independent battles.

    ``(p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)``. It lies in 0..1 and is
    of use at 0 and at n, too, where the usual ``p -+ z sqrt(p (1 - p) / n)`` has no width.

    Args:
        won: 0..n.
        n: at least 1.
        confidence: 0..1.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    p, spread = won / n, z * z / n
    half = z * sqrt(p * (1 - p) / n + spread / (4 * n))
    low, high = (p + spread / 2 - half) / (1 + spread), (p + spread / 2 + half) / (1 + spread)
    # Exact at the ends, where rounding would leave 1e-17.
    return (0.0 if won == 0 else low), (1.0 if won == n else high)


def summary(outcomes: Sequence[Mapping[str, float | int]]) -> dict[str, Any]:
    """Return what test episodes say, as plain data: ``evaluation.json`` without where it is from.

    Args:
        outcomes: of the episodes, at least one; see ``runners/stats.py``. Without ``battle_won``
            there is no win rate.
    """
    found: dict[str, Any] = {"episodes": len(outcomes)}
    if all("battle_won" in outcome for outcome in outcomes):
        won = sum(int(outcome["battle_won"]) for outcome in outcomes)
        low, high = wilson_interval(won, len(outcomes))
        found["win_rate"] = {
            "value": won / len(outcomes),
            "won": won,
            "interval": [low, high],
            "confidence": CONFIDENCE,
            "method": "Wilson",
        }
    for key in ("return", "length"):
        values = [float(outcome[key]) for outcome in outcomes]
        spread = stdev(values) if len(values) > 1 else None
        found[key] = {
            "mean": fmean(values),
            "standard_deviation": spread,
            "standard_error": None if spread is None else spread / sqrt(len(values)),
            "min": min(values),
            "max": max(values),
        }
    if all("timeout" in outcome for outcome in outcomes):
        found["timeouts"] = sum(int(outcome["timeout"]) for outcome in outcomes)
    return found


def summary_lines(found: Mapping[str, Any]) -> list[str]:
    """Return a summary as lines of text."""
    n, lines = found["episodes"], []
    if "win_rate" in found:
        rate = found["win_rate"]
        low, high = rate["interval"]
        lines.append(
            f"win rate  {rate['value']:.1%} ({rate['won']} of {n}), "
            f"{CONFIDENCE:.0%} interval {low:.1%} to {high:.1%} (Wilson)"
        )
    for key, unit in (("return", ""), ("length", " steps")):
        part = found[key]
        error = part["standard_error"]
        known = "not known from one episode" if error is None else f"{error:.3f}"
        spread = f"{part['min']:.2f} to {part['max']:.2f}"
        lines.append(f"{key:<8}  {part['mean']:.3f}{unit}, standard error {known}, {spread}")
    if found.get("timeouts"):
        lines.append(f"{found['timeouts']} of {n} were ended by the time limit")
    return lines


def report_evaluation(
    args: Config,
    logger: Logger,
    residuals: TDResiduals,
    work: Path,
    played_in: Mapping[str, Any],
) -> None:
    """Log what the test episodes say and where it is kept, and write ``evaluation.json``.

    With ``td_residual`` also its table and file.

    Args:
        args: the configuration.
        logger: holds the statistics and the outcomes of the episodes.
        residuals: of the test episodes; empty without ``td_residual``.
        work: the folder of this attempt, whose files go to the run folder around it at the end.
        played_in: what the environment says of itself (``provenance``): ``engine_version`` of the
            simulator's engine, ``backend_label`` where it is not the environment's.
    """
    names = [key for key in sorted(logger.info) if key.startswith("test_") and "_T" not in key]
    means = ", ".join(f"{key}={logger.latest(key):.4f}" for key in names)
    logger.console.info("Evaluated %d test episodes: %s", args.test_nepisode, means)
    version = played_in.get("engine_version")
    if args.td_residual:
        logger.console.info("%s", residuals.report(args, version))
        atomic.write_json(work / "td_residual.json", residuals.as_json(args, version))
    model = find_saved_model(Path(args.checkpoint_path), args.load_step)
    label = str(played_in.get("backend_label", ENVS.label_of(args.env)))
    found = summary(logger.outcomes)
    where = {
        "model": str(model),
        "env": args.env,
        "backend_label": label,
        "map_name": args.map_name,
        "engine_version": version,
        "seed": args.seed,
        "test_greedy": args.test_greedy,
    }
    atomic.write_json(work / SUMMARY_FILE, {**where, **found})
    if version is not None:
        label = f"{label}, engine version {version}"
    lines = [
        f"{args.map_name} ({label}), {found['episodes']} test episodes of {model}",
        *summary_lines(found),
        f"files     {work.parent}: {', '.join(_files(args, work))}",
    ]
    logger.console.info("Evaluation: %s", "\n  ".join(lines))


def _files(args: Config, work: Path) -> list[str]:
    """Return what the evaluation leaves in its run folder, by name, and replays elsewhere."""
    files = ["test_episodes.jsonl (each episode)", f"{SUMMARY_FILE} and info.json (these numbers)"]
    if args.td_residual:
        files.append("td_residual.json")
    if args.save_replay:
        folder = Path(getattr(args.env_args, "replay_dir", None) or ".")
        files.append(f"{folder.name if folder.parent == work else folder} (the last battle)")
    return files
