"""One trial: a disturbed night, then a plain one, watched by readers and judged.

What belongs here: the order of a trial and its row in the table. What does not: how a night is
disturbed (kills, faults).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.readers import Readers
from tests.faults.stage import HISTORY, Night, Stage, differences

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


@dataclass(frozen=True)
class Fault:
    """A way to disturb a night. `disturb` says what happened; `undo` comes last of all.

    `missing` says what this machine lacks to make the fault; it is skipped then. `publishes`: the
    disturbed night is one that nobody could tell from a good one, so it is published, and what
    tells of earlier nights (`HISTORY`) is not compared.
    """

    name: str
    text: str
    disturb: Callable[[Night], str]
    undo: Callable[[Night], None] = lambda _: None
    missing: str = ""
    publishes: bool = False


def try_fault(stage: Stage, fault: Fault) -> Row:
    """Disturb one night and see what the next one does."""
    if fault.missing:
        return Row(fault.text, f"skipped: {fault.missing}", "", "", (), passed=True)
    night = stage.trial(fault.name)
    try:
        row = _disturbed(stage, night, fault)
    finally:
        fault.undo(night)
    if row.passed:
        stage.forget(night)
    return row


def _disturbed(stage: Stage, night: Night, fault: Fault) -> Row:
    with Readers(night) as readers:
        happened = fault.disturb(night)
        began = time.monotonic()
        done = night.run("run")
        seconds = time.monotonic() - began
    said = "" if done.returncode == 0 else f": {done.stderr.strip().splitlines()[-2:]}"
    differing = differences(night, stage) if done.returncode == 0 else ["nothing published"]
    if fault.publishes:
        differing = [name for name in differing if name.rpartition(".")[2] not in HISTORY]
    halves = readers.halves
    looked = readers.files.runs.total() + readers.database.runs.total()
    return Row(
        fault.text,
        happened,
        f"exit {done.returncode}, {seconds:.0f} s{said}",
        f"{looked} looks, {len(halves)} halves" + (f": {halves[0]}" if halves else ""),
        tuple(differing),
        done.returncode == 0 and not differing and not halves and looked > 0,
    )


def markdown(rows: list[Row]) -> str:
    """The table."""
    texts = [HEADINGS, tuple("---" for _ in HEADINGS), *(row.cells() for row in rows)]
    lines = ["| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |" for cells in texts]
    return "\n".join(lines)
