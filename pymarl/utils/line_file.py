"""A file that grows line by line and can be cut back to where a checkpoint left it."""

import os
from collections.abc import Iterable
from pathlib import Path

from pymarl.errors import CheckpointError


class LineFile:
    """Whole lines appended to a text file; each is with the operating system when it is added."""

    def __init__(self, path: Path, header: str = "") -> None:
        """Name the file; ``header`` becomes its first line."""
        self.path = path
        self.header = header

    def add(self, lines: Iterable[str]) -> None:
        """Append lines (without line ends), after the header where the file is new."""
        lines = list(lines)
        if self.header and not self.size():
            lines.insert(0, self.header)
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write("".join(f"{line}\n" for line in lines))

    def size(self) -> int:
        """Return the bytes of the file, 0 where there is none."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def cut(self, size: int) -> None:
        """Forget what was added since the file had ``size`` bytes.

        Raises:
            CheckpointError: the file is shorter, so lines are missing.
        """
        found = self.size()
        if found < size:
            raise CheckpointError(
                f"{self.path}: has {found} bytes, but the checkpoint was made at {size}: lines are "
                "missing. Restore the file, or remove the folder "
                f"{self.path.parent} to start the run from the beginning."
            )
        if found > size:
            os.truncate(self.path, size)

    def replace(self, lines: Iterable[str]) -> None:
        """Start anew with these lines."""
        self.path.unlink(missing_ok=True)
        self.add(lines)
