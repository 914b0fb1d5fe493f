"""The temporal-difference residual of a saved model's values along test episodes."""

import math
from typing import Any, NamedTuple

import numpy as np
import torch as th

from pymarl.config.schema import Config
from pymarl.errors import NonFiniteError
from pymarl.kernels.arrays import F64


class StepResidual(NamedTuple):
    """The residuals of one step of the episodes.

    Attributes:
        step: the environment step, counted from 1.
        n: episodes that reached it.
        mean: their mean residual.
        standard_error: of the mean; None with one episode.
    """

    step: int
    n: int
    mean: float
    standard_error: float | None


class TDResiduals:
    """Collects ``d_k = r_k + gamma V(s_k) - V(s_{k-1})`` of whole episodes, by step k = 1, 2, ...

    V is the value that the saved model's own training gave the greedy policy. Where the environment
    is the one it was trained in and the values have converged, the mean of ``d_k`` is 0 (Bellman's
    equation); it parts from 0 at the steps where battles go on otherwise. A true end has no value
    behind it; one by a time limit has.

    Source: Sutton and Barto 2018, eq. 6.5.
    """

    def __init__(self) -> None:
        """Start without episodes."""
        self._episodes: list[F64] = []

    def add(self, residuals: th.Tensor, mask: th.Tensor) -> None:
        """Take over the residuals (B, T - 1) of B episodes; mask (B, T - 1, 1) says which count.

        Raises:
            NonFiniteError: one of them is NaN or infinite.
        """
        values = residuals.detach().cpu().numpy().astype(np.float64)
        lengths = mask.sum((1, 2)).long().tolist()
        episodes = [row[:length] for row, length in zip(values, lengths, strict=True)]
        if not all(np.isfinite(episode).all() for episode in episodes):
            raise NonFiniteError(
                "td_residual=True: the saved model's values are not finite along the test "
                "episodes; choose another checkpoint_path= or load_step="
            )
        self._episodes += episodes

    def steps(self) -> list[StepResidual]:
        """Return the residuals of every step that an episode reached."""
        longest = max(map(len, self._episodes), default=0)
        return [self._step(k) for k in range(longest)]

    def _step(self, k: int) -> StepResidual:
        """Return the residuals of step ``k + 1``."""
        values = np.array([episode[k] for episode in self._episodes if k < len(episode)])
        n = len(values)
        error = float(values.std(ddof=1) / math.sqrt(n)) if n > 1 else None
        return StepResidual(k + 1, n, float(values.mean()), error)

    def as_json(self, args: Config, engine_version: int | None) -> dict[str, Any]:
        """Return everything as plain data, for ``td_residual.json``.

        Args:
            args: the configuration.
            engine_version: of the simulator's engine; None in the game.
        """
        steps = self.steps()
        every = np.concatenate(self._episodes)
        last = np.array([episode[-1] for episode in self._episodes])
        return {
            "env": args.env,
            "map_name": args.map_name,
            "engine_version": engine_version,
            "checkpoint_path": args.checkpoint_path,
            "value": value_formula(args),
            "gamma": args.gamma,
            "episodes": len(self._episodes),
            "transitions": len(every),
            "mean": float(every.mean()),
            "mean_absolute": float(np.abs(every).mean()),
            "mean_absolute_of_step_means": float(np.mean([abs(row.mean) for row in steps])),
            "mean_of_last_steps": float(last.mean()),
            "steps": [row._asdict() for row in steps],
        }

    def report(self, args: Config, engine_version: int | None) -> str:
        """Return the table that the log shows; arguments as those of ``as_json``."""
        found = self.as_json(args, engine_version)
        engine = "" if engine_version is None else f", engine version {engine_version}"
        lines = [
            f"TD residual r + {args.gamma:g} V(s') - V(s), V = {found['value']}; "
            f"{found['episodes']} test episodes of env={args.env} {args.map_name}{engine}",
            "  step  episodes     mean      s.e.",
        ]
        for row in self.steps():
            error = "        -" if row.standard_error is None else f"{row.standard_error:9.4f}"
            lines.append(f"{row.step:6d}{row.n:10d}{row.mean:+9.4f} {error}")
        lines += [
            f"all {found['transitions']} transitions: mean {found['mean']:+.4f}, "
            f"mean absolute {found['mean_absolute']:.4f}; "
            f"mean absolute of the steps' means {found['mean_absolute_of_step_means']:.4f}; "
            f"mean of the episodes' last steps {found['mean_of_last_steps']:+.4f}"
        ]
        if getattr(args, "mixer", None) is None:
            lines.append(
                "No mixer (IQL): each agent's own value is held against the team's reward; "
                "do not compare the numbers with those of VDN or QMIX"
            )
        return "\n".join(lines)


def value_formula(args: Config) -> str:
    """Return what V is, in the notation of the papers."""
    return {None: "mean over agents of max_a Q_i", "vdn": "sum over agents of max_a Q_i"}.get(
        getattr(args, "mixer", None), "mixer(max_a Q_i, s)"
    )
