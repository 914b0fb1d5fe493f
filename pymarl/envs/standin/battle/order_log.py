"""What a client ordered in a battle, for its replay."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_MOST: Final = 20_000


class Orders(NamedTuple):
    """One request's commands.

    Attributes:
        loop: game loops of the battle before it.
        commands: int64 (n, 3), see ``kernels``.
        goals: float64 (n, 2).
        places: float32 (n, 2), where the commanded units stood.
    """

    loop: int
    commands: NDArray[np.int64]
    goals: NDArray[np.float64]
    places: NDArray[np.float32]


class BattleLog:
    """The orders of the running battle, or of the last one when it has no game loop yet.

    Attributes:
        seed: of the battle. orders: in the order of the requests.
        loops: game loops it lasted so far. killed_at: loop of the first kill by debug, or None.
        full: whether orders were dropped, because no episode is this long.
    """

    def __init__(self) -> None:
        self.last: BattleLog | None = None
        self._clear(0)

    def _clear(self, seed: int) -> None:
        self.seed, self.loops, self.full = seed, 0, False
        self.orders: list[Orders] = []
        self.killed_at: int | None = None

    def begin(self, seed: int) -> None:
        """Forget the battle (but the last one) and begin another."""
        if self.loops:
            self.last = last = BattleLog()
            last.seed, last.loops, last.full = self.seed, self.loops, self.full
            last.orders, last.killed_at = self.orders, self.killed_at
        self._clear(seed)

    def advance(self, loops: int) -> None:
        """Note game loops."""
        self.loops += loops

    def tamper(self, loop: int) -> None:
        """Note a kill by debug: what follows does not follow from the orders."""
        if self.killed_at is None:
            self.killed_at = loop

    def command(self, orders: Orders) -> None:
        """Note one request's commands."""
        if len(self.orders) >= _MOST:
            self.full = True
        else:
            self.orders.append(orders)

    def latest(self) -> "BattleLog":
        """Return the battle to be replayed: this one, or the last when this has not begun."""
        return self.last if not self.loops and self.last is not None else self
