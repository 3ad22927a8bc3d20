"""One trial: a disturbed night, then a plain one, watched by readers and judged.

What belongs here: the order of a trial and its row in the table. What does not: how a night is
disturbed (kills, faults).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.readers import Readers
from tests.faults.stage import Night, Stage, differences

HEADINGS = ("fault", "what happened", "next run", "readers", "equal to the undisturbed night")


@dataclass(frozen=True)
class Row:
    """A line of the table. `passed`: repaired, equal, and nobody saw half a state."""

    fault: str
    happened: str
    next_run: str
    readers: str
    differing: tuple[str, ...]
    passed: bool

    def cells(self) -> tuple[str, ...]:
        """The row's texts, in the order of `HEADINGS`."""
        if self.happened.startswith("skipped"):
            return self.fault, self.happened, "", "", ""
        equal = f"no: {', '.join(self.differing[:4])}" if self.differing else "yes"
        return self.fault, self.happened, self.next_run, self.readers, equal


def skipped(fault: str, reason: str) -> Row:
    """The row of a fault that cannot be made here."""
    return Row(fault, f"skipped: {reason}", "", "", (), passed=True)


def try_fault(
    stage: Stage,
    name: str,
    fault: str,
    disturb: Callable[[Night], str],
    undo: Callable[[Night], None] = lambda _: None,
) -> Row:
    """Disturb one night with `disturb`, which says what happened, and see what the next one does.

    `undo` comes last, before the trial is removed.
    """
    night = stage.trial(name)
    with Readers(night) as readers:
        happened = disturb(night)
        began = time.monotonic()
        done = night.run("run")
        seconds = time.monotonic() - began
    said = "" if done.returncode == 0 else f": {done.stderr.strip().splitlines()[-2:]}"
    differing = differences(night, stage) if done.returncode == 0 else ["nothing published"]
    halves = readers.halves
    looked = readers.files.runs.total() + readers.database.runs.total()
    row = Row(
        fault,
        happened,
        f"exit {done.returncode}, {seconds:.0f} s{said}",
        f"{looked} looks, {len(halves)} halves" + (f": {halves[0]}" if halves else ""),
        tuple(differing),
        done.returncode == 0 and not differing and not halves and looked > 0,
    )
    undo(night)
    if row.passed:
        stage.forget(night)
    return row


def markdown(rows: list[Row]) -> str:
    """The table."""
    texts = [HEADINGS, tuple("---" for _ in HEADINGS), *(row.cells() for row in rows)]
    lines = ["| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |" for cells in texts]
    return "\n".join(lines)
