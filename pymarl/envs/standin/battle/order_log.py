"""What a client ordered in a battle, for its replay."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_MAX_REQUESTS: Final = 20_000


class RequestOrders(NamedTuple):
    """One request's commands.

    Attributes:
        loop: game loops of the battle before it.
        commands: int64 (n, 3), see ``battle_kernels``.
        goals: float64 (n, 2).
        positions: float32 (n, 2), where the commanded units stood.
    """

    loop: int
    commands: NDArray[np.int64]
    goals: NDArray[np.float64]
    positions: NDArray[np.float32]


class OrderLog:
    """The orders of the running battle, or of the last one when it has no game loop yet.

    Attributes:
        seed: of the battle. orders: in the order of the requests.
        loops: game loops it lasted so far. edited_at: loop of the first debug kill, or None.
        full: whether orders were dropped, because no episode is this long.
    """

    def __init__(self) -> None:
        self.last: OrderLog | None = None
        self._clear(0)

    def _clear(self, seed: int) -> None:
        self.seed, self.loops, self.full = seed, 0, False
        self.orders: list[RequestOrders] = []
        self.edited_at: int | None = None

    def begin(self, seed: int) -> None:
        """Forget the battle (but the last one) and begin another."""
        if self.loops:
            self.last = last = OrderLog()
            last.seed, last.loops, last.full = self.seed, self.loops, self.full
            last.orders, last.edited_at = self.orders, self.edited_at
        self._clear(seed)

    def advance(self, loops: int) -> None:
        """Count game loops."""
        self.loops += loops

    def mark_edited(self, loop: int) -> None:
        """Note a debug kill: from here on the battle does not follow from the orders alone."""
        if self.edited_at is None:
            self.edited_at = loop

    def add(self, orders: RequestOrders) -> None:
        """Keep one request's commands."""
        if len(self.orders) >= _MAX_REQUESTS:
            self.full = True
        else:
            self.orders.append(orders)

    def replayable(self) -> "OrderLog":
        """Return the battle to be replayed: this one, or the last when this has not begun."""
        return self.last if not self.loops and self.last is not None else self
