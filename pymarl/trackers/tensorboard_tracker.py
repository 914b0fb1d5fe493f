"""Statistics as tensorboard events, with the configuration as hyperparameters."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typing_extensions import override

from pymarl.trackers.tracker import Row, RunIdentity, Tracker, optional_package

FINAL_PREFIX = "final/"


class TensorboardTracker(Tracker):
    """Writes event files to a folder; ``tensorboard --logdir results/runs`` shows all runs.

    A resumed run purges what the killed process wrote after its checkpoint. At the end the
    configuration and the last value of every test statistic (``final/test_battle_won_mean``) go
    into the HParams view.
    """

    def __init__(self, folder: Path, run: RunIdentity) -> None:
        """Write to ``folder``.

        Raises:
            ConfigError: the tensorboard package is not installed.
        """
        super().__init__()
        package = optional_package(
            "torch.utils.tensorboard", "use_tensorboard", "pip install tensorboard"
        )
        self._make_writer = package.SummaryWriter
        self._folder = folder
        self._run = run
        self._writer: Any = None
        self._purge = False

    @override
    def _open(self, past: list[Row]) -> None:
        # Made with the first number: only it tells from which step on an old file is void.
        self._purge = bool(past)

    @override
    def _write(self, t_env: int, values: Mapping[str, float]) -> None:
        if self._writer is None:
            purge = t_env if self._purge else None
            self._writer = self._make_writer(str(self._folder), purge_step=purge)
        for key, value in values.items():
            self._writer.add_scalar(key, value, t_env)

    @override
    def _close(self, latest: Mapping[str, float], failed: bool) -> None:
        if self._writer is None:
            return
        if not failed:
            self._write_hparams(latest)
        self._writer.close()

    def _write_hparams(self, latest: Mapping[str, float]) -> None:
        """Write the HParams view into the same event file; add_hparams would open another run."""
        from torch.utils.tensorboard.summary import hparams

        final = {f"{FINAL_PREFIX}{key}": v for key, v in latest.items() if key.startswith("test_")}
        for summary in hparams(flat(self._run.config), final):  # type: ignore[no-untyped-call]
            self._writer.file_writer.add_summary(summary)
        for key, value in final.items():
            self._writer.add_scalar(key, value, self._t)


def flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, bool | float | str]:
    """Return nested keys joined by dots, with values that the HParams view can hold."""
    result: dict[str, bool | float | str] = {}
    for key, value in config.items():
        if isinstance(value, Mapping):
            result |= flat(value, f"{prefix}{key}.")
        else:
            plain = isinstance(value, bool | int | float | str)
            result[f"{prefix}{key}"] = value if plain else repr(value)
    return result
