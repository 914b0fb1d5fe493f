"""Memory that is used again by every update instead of being allocated anew."""

import math

import numpy as np
from numpy.typing import NDArray


class Workspace:
    """Named float32 arrays that grow to the largest size ever asked for.

    Fresh pages of megabyte arrays cost more than the arithmetic on them; an update needs the same
    arrays as the one before. ``array`` of a name hands out the same memory each time, so results
    are valid until that name is asked for again. Copies (``copy.deepcopy``) start empty.

    Attributes:
        generation: how often :meth:`start` was called; a backward pass compares it.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self.generation = 0
        self._arrays: dict[str, NDArray[np.float32]] = {}

    def start(self) -> None:
        """Begin a new use, which overwrites the arrays of those before it."""
        self.generation += 1

    def array(self, name: str, *shape: int) -> NDArray[np.float32]:
        """Return uninitialised memory of this shape."""
        size = math.prod(shape)
        have = self._arrays.get(name)
        if have is None or have.size < size:
            have = self._arrays[name] = np.empty(size + size // 4, np.float32)
        return have[:size].reshape(shape)

    def __deepcopy__(self, memo: object) -> "Workspace":
        """Return an empty workspace: memory is never shared between networks."""
        return Workspace()
