"""Statistics to Weights & Biases, on this disk unless there is a key to send them with."""

import netrc
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from typing_extensions import override

from pymarl.trackers.tracker import Row, RunIdentity, Tracker, optional_package

SERVER = "https://api.wandb.ai"
X_AXIS = "t_env"


def wandb_mode(wanted: str, environment: Mapping[str, str], home: Path) -> str:
    """Return ``online`` or ``offline``.

    ``wanted`` (the key ``wandb_mode``) decides; with ``auto`` wandb's own variable WANDB_MODE does,
    and else ``online`` only where there is a key: WANDB_API_KEY, or the one that ``wandb login``
    wrote to ~/.netrc for the server in WANDB_BASE_URL.
    """
    if wanted != "auto":
        return wanted
    if environment.get("WANDB_MODE"):
        return environment["WANDB_MODE"]
    if environment.get("WANDB_API_KEY"):
        return "online"
    host = urlparse(environment.get("WANDB_BASE_URL") or SERVER).hostname or ""
    try:
        known = netrc.netrc(environment.get("NETRC") or home / ".netrc").authenticators(host)
    except (OSError, netrc.NetrcParseError):
        known = None
    return "online" if known else "offline"


class WandbTracker(Tracker):
    """One run at Weights & Biases, or a folder that ``wandb sync`` sends later.

    The steps are ``t_env``. A resumed run keeps its id. Offline it begins its folder again with
    what the checkpoint held, so that there is one folder with every number once; online the server
    drops steps that it has, and what is sent again has the same bits.
    """

    def __init__(self, folder: Path, run: RunIdentity, mode: str, entity: str) -> None:
        """Write to ``folder/wandb``; ``entity`` is the user or team ("": the key's own).

        Raises:
            ConfigError: the wandb package is not installed.
        """
        super().__init__()
        advice = "pip install 'pymarl-pipeline[wandb]' (in a checkout: .venv/bin/pip install wandb)"
        self._wandb = optional_package("wandb", "use_wandb", advice)
        self._folder = folder
        self._identity = run
        self._mode = mode
        self._entity = entity
        self._run: Any = None

    @override
    def _open(self, past: list[Row]) -> None:
        if self._mode == "offline":
            for old in (self._folder / "wandb").glob(f"offline-run-*-{self._identity.id}"):
                shutil.rmtree(old)
        run = self._identity
        self._run = self._wandb.init(
            id=run.id,
            resume="allow",
            mode=self._mode,
            project=run.project,
            entity=self._entity or None,
            group=run.group,
            name=run.name,
            tags=list(run.tags),
            config=run.config,
            dir=str(self._folder),
            settings=self._wandb.Settings(
                silent=True,
                # cout.txt is sacred's; code and machine are in provenance.json.
                console="off",
                disable_git=True,
                disable_code=True,
                x_disable_stats=True,
                x_disable_meta=True,
            ),
        )
        self._run.define_metric(X_AXIS)
        self._run.define_metric("*", step_metric=X_AXIS)
        if self._mode == "offline":
            for t_env, values in past:
                self._write(t_env, values)

    @override
    def _write(self, t_env: int, values: Mapping[str, float]) -> None:
        self._run.log({X_AXIS: t_env, **values}, step=t_env)

    @override
    def _close(self, latest: Mapping[str, float], failed: bool) -> None:
        self._run.finish(exit_code=int(failed))
        # Links by absolute paths, to the newest folder and to logs elsewhere: the run folder moves.
        for path in list((self._folder / "wandb").rglob("*")):
            if path.is_symlink():
                path.unlink()


def open_wandb(
    folder: Path, run: RunIdentity, wanted: str, entity: str
) -> tuple[WandbTracker, str]:
    """Return the tracker, and a line that says where its numbers go."""
    mode = wandb_mode(wanted, os.environ, Path.home())
    tracker = WandbTracker(folder, run, mode, entity)
    where = "sent to the server" if mode == "online" else f"kept in {folder / 'wandb'}"
    if mode == "offline":
        where += "; `wandb sync` sends them"
    return tracker, f"wandb: {mode}, numbers are {where}"
