"""A night killed, with all its children, at a moment of one of its parts.

What belongs here: choosing moments and killing. What does not: what must hold afterwards (trial).
"""

import os
import random
import signal
import threading
import time
from dataclasses import dataclass

from tests.faults.stage import Night, Stage, lines
from tests.faults.trial import Fault

# A part begins when this many lines have told that earlier ones are done; and its share of kills.
PARTS = (
    ("start and intake", 0, 0.20),
    ("warehouse, first half", 1, 0.25),
    ("forecast", 3, 0.10),
    ("warehouse, second half", 4, 0.15),
    ("publishing", 5, 0.30),
)


@dataclass(frozen=True)
class Moment:
    """A part of the night and how far into it, as a share of its usual length."""

    part: str
    lines: int
    share: float

    @property
    def name(self) -> str:
        return f"killed in {self.part}, at {self.share:.0%} of it"


def moments(number: int, seed: int) -> list[Moment]:
    """Random moments, every part with its share of them; the same seed gives the same ones."""
    chance = random.Random(seed)
    counts = [max(1, round(share * number)) for _, _, share in PARTS]
    while sum(counts) > number:
        counts[counts.index(max(counts))] -= 1
    while sum(counts) < number:
        counts[-1] += 1
    return [
        Moment(part, after, (index + chance.random()) / count)
        for (part, after, _), count in zip(PARTS, counts, strict=True)
        for index in range(count)
    ]


def killed(stage: Stage, moment: Moment, number: int) -> Fault:
    """A night killed at a moment."""
    return Fault(f"kill{number}", moment.name, lambda night: kill_at(stage, night, moment))


def kill_at(stage: Stage, night: Night, moment: Moment) -> str:
    """Run the night and kill its process group at the moment; what really happened."""
    usual = stage.durations[moment.lines] if moment.lines < len(stage.durations) else 5.0
    process = night.start("run")
    told = [time.monotonic()]
    reached = threading.Event()
    if moment.lines == 0:
        reached.set()

    def follow() -> None:
        for at, _ in lines(process):
            told.append(at)
            if len(told) > moment.lines:
                reached.set()
        reached.set()

    threading.Thread(target=follow, daemon=True).start()
    reached.wait()
    due = told[min(moment.lines, len(told) - 1)] + moment.share * usual
    while time.monotonic() < due and process.poll() is None:
        time.sleep(0.01)
    if process.poll() is not None:
        return f"the night ended before, with exit {process.returncode}"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    parts = [name for name, after, _ in PARTS if after < len(told)]
    return f"killed after {time.monotonic() - told[0]:.1f} s, in {parts[-1]}"
