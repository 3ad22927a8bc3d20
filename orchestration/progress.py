"""What a person sees while a command works.

What belongs here: a progress bar on a terminal, plain lines elsewhere. What does not: log files and
Dagster's events, which are for later.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)


class Reporter(Protocol):
    """Told about steps of known or unknown length."""

    def step(self, title: str, total: int | None = None) -> None:
        """Begin a step; the one before is done."""

    def advance(self, detail: str = "", done: int | None = None) -> None:
        """One more part of the step is done, or `done` parts in all."""


class Silent:
    """Tells nobody: for schedules, sensors and tests."""

    def step(self, title: str, total: int | None = None) -> None:
        """Say nothing."""

    def advance(self, detail: str = "", done: int | None = None) -> None:
        """Say nothing."""


class Lines:
    """One plain line per step, with the seconds it took: for logs and pipes."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._title: str | None = None

    def step(self, title: str, total: int | None = None) -> None:
        """Close the line of the step before and open the next."""
        self.close()
        self._title, self._began = title, time.monotonic()

    def advance(self, detail: str = "", done: int | None = None) -> None:
        """Parts of a step get no line of their own."""

    def close(self) -> None:
        """Write the line of the last step."""
        if self._title:
            seconds = time.monotonic() - self._began
            sys.stderr.write(f"{self._title}: {seconds:.1f} s\n")
            sys.stderr.flush()
        self._title = None


class Bar:
    """A bar per step on a terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def step(self, title: str, total: int | None = None) -> None:
        """Finish the bar of the step before and begin one."""
        self.close()
        self._task = self._progress.add_task(title, total=total, detail="")

    def advance(self, detail: str = "", done: int | None = None) -> None:
        """Move the bar."""
        if self._task is not None and done is not None:
            self._progress.update(self._task, completed=done, detail=detail)
        elif self._task is not None:
            self._progress.update(self._task, advance=1, detail=detail)

    def close(self) -> None:
        """Fill the bar of the last step."""
        if self._task is not None:
            total = self._progress.tasks[self._task].total or 1
            self._progress.update(self._task, total=total, completed=total, detail="")


@contextmanager
def reporter() -> Iterator[Bar | Lines]:
    """The reporter that fits where the command runs."""
    console = Console(stderr=True)
    if not console.is_terminal:
        lines = Lines()
        try:
            yield lines
        finally:
            lines.close()
        return
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[detail]}"),
    )
    with Progress(*columns, console=console) as progress:
        bar = Bar(progress)
        yield bar
        bar.close()
