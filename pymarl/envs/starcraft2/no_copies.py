"""Why environments of StarCraft II have no copies, said in one line wherever one is tried."""

from typing import Any, NoReturn

from pymarl.errors import EnvError


class NoCopies:
    """First base of an environment whose battle lives in the game's process.

    Raises:
        EnvError: by ``copy.copy``, ``copy.deepcopy``, ``pickle``, ``get_snapshot`` and
            ``set_snapshot``.
    """

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise self._refusal("it cannot be copied or pickled")

    def get_snapshot(self) -> NoReturn:
        """Refuse, see the class."""
        raise self._refusal("it has no snapshots")

    def set_snapshot(self, snapshot: Any) -> NoReturn:
        """Refuse, see the class."""
        raise self._refusal("it has no snapshots")

    def _refusal(self, what: str) -> EnvError:
        """Return the error; ``what`` cannot be done."""
        return EnvError(
            f"{type(self).__name__}: {what}, because its battle lives in the process of StarCraft "
            "II, which can neither save nor load one; use env=sim, or make one environment in each "
            "process"
        )
