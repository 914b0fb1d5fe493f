"""Environments that misbehave, one way each. Made in worker processes by their import path."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from pymarl.envs.matrix import MatrixGame
from pymarl.errors import EnvError


class Fake(MatrixGame):
    """The two-step game with something to go wrong at its first step; ``map_name`` is a path."""

    def __init__(self, map_name: str = "", seed: int | None = None) -> None:
        super().__init__(seed=seed)
        self.folder = map_name

    def step(self, actions: Any) -> Any:
        self.misbehave()
        return super().step(actions)

    def misbehave(self) -> None:
        """Do nothing."""


class Failing(Fake):
    """Raises."""

    def misbehave(self) -> None:
        raise EnvError("the fake battle has failed")


class Resetting(Fake):
    """Raises an error that a broken pipe would raise too."""

    def misbehave(self) -> None:
        raise ConnectionResetError("the game has closed its socket")


class Leaving(Fake):
    """Dies without a message."""

    def misbehave(self) -> None:
        os._exit(7)


class Exiting(Fake):
    """Asks Python to exit."""

    def misbehave(self) -> None:
        sys.exit("enough")


class Killed(Fake):
    """Is killed, as by the out-of-memory killer."""

    def misbehave(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Hanging(Fake):
    """Never comes back; has a child process, as StarCraft II would be."""

    def __init__(self, map_name: str = "", seed: int | None = None) -> None:
        super().__init__(map_name, seed)
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        if map_name:
            Path(map_name, f"child-{os.getpid()}").write_text(str(child.pid))

    def misbehave(self) -> None:
        time.sleep(600)


class Unmakeable(Fake):
    """Cannot be made."""

    def __init__(self, map_name: str = "", seed: int | None = None) -> None:
        raise EnvError("no game at this place")


class Closing(Fake):
    """Leaves a file when it is closed."""

    def close(self) -> None:
        Path(self.folder, f"closed-{self.seed()}").write_text("")


class Counting(Fake):
    """Has counters like SMAC's."""

    def get_stats(self) -> dict[str, Any]:
        """Return counters that depend on the environment's seed."""
        won = (self.seed() or 0) % 3
        return {"battles_won": won, "battles_game": 4, "win_rate": won / 4, "restarts": 1}
