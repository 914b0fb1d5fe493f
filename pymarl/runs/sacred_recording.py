"""Sacred as this project uses it: one observer per run folder, atomic JSON, no captured globals."""

import json
import warnings
from pathlib import Path
from typing import Any, cast

from pymarl.utils import atomic

with warnings.catch_warnings():
    # sacred 0.8.7 imports pkg_resources, whose deprecation warning nobody here can act on.
    warnings.simplefilter("ignore")
    from sacred import SETTINGS, Experiment
    from sacred.observers import FileStorageObserver
    from sacred.serializer import flatten

# sacred is marked as typed but annotates few of its functions: hence the ignores below.
SETTINGS.CAPTURE_MODE = "sys"
SETTINGS.CONFIG.READ_ONLY_CONFIG = False
SETTINGS.HOST_INFO.INCLUDE_GPU_INFO = False


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived; sacred records the status INTERRUPTED, as after Ctrl-C."""


class RunFolderObserver(FileStorageObserver):
    """Writes sacred's files straight into a given folder, each JSON file atomically.

    A resumed run finds its folder there and goes on in it: cout.txt grows, the rest is replaced.

    Deviation from sacred 0.8.7: its ``save_json`` truncates the file before it writes (a kill
    during the heartbeat leaves half a file), and it numbers run folders by looking at what is there
    (a race between jobs).
    """

    def __init__(self, folder: Path) -> None:
        """Write to ``folder``; its parent must exist."""
        super().__init__(str(folder.parent), copy_sources=False, copy_artifacts=False)
        self.folder = folder

    def started_event(self, *event: Any, **named: Any) -> Any:
        """Start with our folder's name as sacred's run id, whatever id was given."""
        if event:
            event = (*event[:-1], self.folder.name)
        else:
            named["_id"] = self.folder.name
        return super().started_event(*event, **named)  # type: ignore[no-untyped-call]  # sacred is untyped

    def _make_run_dir(self, _id: Any) -> None:
        """Use the given folder; sacred would insist on making a new one."""
        self.folder.mkdir(exist_ok=True)
        self.dir = str(self.folder)

    def save_json(self, obj: Any, filename: str) -> None:
        """Write one JSON file atomically."""
        plain = flatten(obj)  # type: ignore[no-untyped-call]  # sacred is untyped
        text = json.dumps(plain, sort_keys=True, indent=2)
        # sacred has set ``dir`` by the time it saves anything.
        atomic.write_text(Path(cast(str, self.dir)) / filename, text)

    def heartbeat_event(self, info: Any, captured_out: str, beat_time: Any, result: Any) -> None:
        """Write a consistent copy of ``info``, to which the training thread appends meanwhile."""
        copy = {
            key: list(info[key]) if isinstance(info[key], list) else info[key] for key in list(info)
        }
        for key in [key for key in copy if f"{key}_T" in copy]:
            pairs = min(len(copy[key]), len(copy[f"{key}_T"]))
            copy[key], copy[f"{key}_T"] = copy[key][:pairs], copy[f"{key}_T"][:pairs]
        super().heartbeat_event(copy, captured_out, beat_time, result)  # type: ignore[no-untyped-call]  # sacred is untyped


def make_experiment(config: dict[str, Any], folder: Path) -> Experiment:
    """Return sacred's experiment "pymarl" with this configuration, recorded in ``folder``."""
    experiment = Experiment("pymarl", save_git_info=False, interactive=True)
    experiment.add_config(config)  # type: ignore[no-untyped-call]  # sacred is untyped
    experiment.observers.append(RunFolderObserver(folder))
    return experiment


__all__ = ["RunFolderObserver", "Terminated", "make_experiment"]
