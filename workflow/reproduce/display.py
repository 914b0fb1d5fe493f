"""Shows progress: a table that refreshes on a terminal, plain lines twice a minute in a log."""

import sys
import time
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from workflow.reproduce.training_progress import ExperimentProgress, columns, summary

PLAIN_INTERVAL_S = 30.0


class ProgressDisplay:
    """Context manager; :meth:`show` may be called often and limits itself how often it draws."""

    def __init__(self, title: str, stream: TextIO = sys.stdout, plain: bool | None = None) -> None:
        self._title = title
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._plain = (not self._console.is_terminal) if plain is None else plain
        self._live: Live | None = None
        self._started = time.time()
        self._last: tuple[int, str, float] = (-1, "", 0.0)

    def __enter__(self) -> Self:
        if not self._plain:
            self._live = Live(console=self._console, refresh_per_second=2, transient=True)
            self._live.start()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def print_line(self, text: str) -> None:
        """Print one line that stays."""
        self._console.print(Text(text))
        self._console.file.flush()

    def show(self, progress: ExperimentProgress) -> None:
        """Show the state of all runs."""
        if self._live is not None:
            self._live.update(self._table(progress))
            return
        # In a log: when a run ends or something else begins, and otherwise every half minute.
        *last_state, last_time = self._last
        state = [progress.done, progress.activity]
        if (progress.jobs or progress.activity) and (
            state != last_state or time.time() - last_time >= PLAIN_INTERVAL_S
        ):
            self._last = (progress.done, progress.activity, time.time())
            self.print_line(f"{time.strftime('%H:%M:%S')} {summary(progress, self._started)}")
            for cells in map(columns, progress.working):
                name, steps, rate, left, win = cells
                numbers = f"{steps:>20}  {rate:>8}  {left:>8} left  test win rate {win}"
                self.print_line(f"         {name:<28} {numbers}")

    def _table(self, progress: ExperimentProgress) -> Group:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column("run")
        for heading in ("steps", "rate", "left", "test win rate"):
            table.add_column(heading, justify="right")
        for cells in map(columns, progress.working):
            table.add_row(*map(Text, cells))  # as it is: brackets of a variant are no markup
        head = Text(f"{self._title}: {summary(progress, self._started)}", style="bold")
        return Group(head, table) if progress.working else Group(head)
