"""Statistics to Trackio's database on this machine; ``trackio show`` draws them."""

import contextlib
import io
import os
from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from pymarl.trackers.tracker import Row, RunIdentity, Tracker, optional_package


class TrackioTracker(Tracker):
    """One run in Trackio's database (``TRACKIO_DIR``, else Trackio's own folder).

    Nothing is sent: ``trackio sync`` does that by hand. A resumed run is written again from what
    its checkpoint held, so that every number is there once.
    """

    def __init__(self, run: RunIdentity) -> None:
        """Prepare.

        Raises:
            ConfigError: the trackio package is not installed.
        """
        super().__init__()
        # Its web server's library counts its users unless it is told not to.
        os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        advice = (
            "pip install 'pymarl-pipeline[trackio]' (in a checkout: .venv/bin/pip install trackio)"
        )
        self._trackio = optional_package("trackio", "use_trackio", advice)
        self._identity = run
        self._run: Any = None
        # Names are Trackio's keys: the id tells runs of equal settings apart.
        self.name = f"{run.name}-{run.id[:6]}"

    @override
    def _open(self, past: list[Row]) -> None:
        run = self._identity
        if past:
            self._forget()
        with _quiet():
            self._run = self._trackio.init(
                project=run.project,
                name=self.name,
                group=run.group,
                config={**run.config, "tags": list(run.tags), "run_id": run.id},
                resume="allow",
                embed=False,
                auto_log_gpu=False,
                auto_log_cpu=False,
            )
        for t_env, values in past:
            self._write(t_env, values)

    def _forget(self) -> None:
        """Delete what the killed process recorded."""
        for run in self._trackio.Api().runs(self._identity.project):
            if run.name == self.name:
                run.delete()

    @override
    def _write(self, t_env: int, values: Mapping[str, float]) -> None:
        self._run.log(dict(values), step=t_env)

    @override
    def _close(self, latest: Mapping[str, float], failed: bool) -> None:
        with _quiet():
            # Not the run's own: Trackio ends what is current once more when Python ends.
            self._trackio.finish()


def _quiet() -> contextlib.AbstractContextManager[Any]:
    """Keep Trackio's words about dashboards out of cout.txt."""
    return contextlib.redirect_stdout(io.StringIO())
