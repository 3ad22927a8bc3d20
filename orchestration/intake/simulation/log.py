"""What happened, as it happens: cases, notifications, assessments and measures of a block.

What belongs here: collecting events and handing them out as tables of numbers. What does not:
why they happen (engine.py) and how they are written (casework.py).
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from orchestration.intake.simulation.months import NO_DAY
from orchestration.intake.simulation.types import Bools, Column, Floats, Ints

NOTIFICATION_OUTCOMES = ("none", "early_prevention", "assessment", "ongoing_case")
END_REASONS = (
    "planned",
    "goal_met",
    "returned_home",
    "moved",
    "breakdown",
    "turned_18",
    "left_after_care",
    "placed",
    "reclassified",
)
REASON = {name: i for i, name in enumerate(END_REASONS)}


class SilentLog:
    """A log for projections: gives out numbers and remembers nothing."""

    def open_case(self, person: Ints, day: Ints, disabled: bool) -> Ints:
        """Number of each new case."""
        return np.zeros(person.size, dtype=np.int64)

    def close_case(self, case: Ints, day: Ints) -> None:
        """Last day of each case."""

    def notify(self, person: Ints, day: Ints, outcome: Ints) -> None:
        """A notification about each person."""

    def assess(self, case: Ints, person: Ints, opened: Ints, completed: Ints) -> None:
        """An assessment of each person."""

    def start(
        self,
        person: Ints,
        case: Ints,
        kind: Ints,
        day: Ints,
        rate: Floats,
        *,
        after_care: Bools | bool = False,
        alternative: bool = False,
        replaces: Ints | None = None,
    ) -> Ints:
        """Number of each new measure."""
        return np.zeros(person.size, dtype=np.int64)

    def end(self, measure: Ints, day: Ints, reason: Ints | int) -> None:
        """Last active day of each measure."""


@dataclass
class EventLog(SilentLog):
    """Remembers everything. Numbers are positions in the tables."""

    _cases: list[tuple[Column, ...]] = field(default_factory=list)
    _case_ends: list[tuple[Column, ...]] = field(default_factory=list)
    _notifications: list[tuple[Column, ...]] = field(default_factory=list)
    _assessments: list[tuple[Column, ...]] = field(default_factory=list)
    _starts: list[tuple[Column, ...]] = field(default_factory=list)
    _ends: list[tuple[Column, ...]] = field(default_factory=list)
    _case_count: int = 0
    _measure_count: int = 0

    def open_case(self, person: Ints, day: Ints, disabled: bool) -> Ints:
        """Number of each new case."""
        number = self._case_count + np.arange(person.size)
        self._case_count += person.size
        self._cases.append((person, day, np.full(person.size, int(disabled))))
        return number

    def close_case(self, case: Ints, day: Ints) -> None:
        """Note the last day of each case."""
        self._case_ends.append((case, day))

    def notify(self, person: Ints, day: Ints, outcome: Ints) -> None:
        """Note a notification about each person."""
        self._notifications.append((person, day, outcome))

    def assess(self, case: Ints, person: Ints, opened: Ints, completed: Ints) -> None:
        """Note an assessment of each person."""
        self._assessments.append((case, person, opened, completed))

    def start(
        self,
        person: Ints,
        case: Ints,
        kind: Ints,
        day: Ints,
        rate: Floats,
        *,
        after_care: Bools | bool = False,
        alternative: bool = False,
        replaces: Ints | None = None,
    ) -> Ints:
        """Number of each new measure."""
        n = person.size
        number = self._measure_count + np.arange(n)
        self._measure_count += n
        before = np.full(n, -1) if replaces is None else replaces
        flags = np.broadcast_to(np.asarray(after_care), n), np.full(n, alternative)
        self._starts.append((person, case, kind, day, rate, *flags, before))
        return number

    def end(self, measure: Ints, day: Ints, reason: Ints | int) -> None:
        """Note the last active day of each measure."""
        self._ends.append((measure, day, np.broadcast_to(np.asarray(reason), measure.size)))

    def cases(self) -> pd.DataFrame:
        """person, opened, disabled, closed (NO_DAY while open); row = case number."""
        frame = _table(self._cases, ["person", "opened", "disabled"])
        frame["closed"] = NO_DAY
        ends = _table(self._case_ends, ["case", "day"])
        closed = frame["closed"].to_numpy().copy()
        closed[ends["case"].to_numpy()] = ends["day"].to_numpy()
        frame["closed"] = closed
        return frame

    def notifications(self) -> pd.DataFrame:
        """person, day, outcome."""
        return _table(self._notifications, ["person", "day", "outcome"])

    def assessments(self) -> pd.DataFrame:
        """case, person, opened, completed."""
        return _table(self._assessments, ["case", "person", "opened", "completed"])

    def measures(self) -> pd.DataFrame:
        """One row per measure: person, case, kind, start, rate, after_care, alternative, replaces,
        end (NO_DAY while running), reason. A measure never ends before it starts."""
        names = ["person", "case", "kind", "start", "rate", "after_care", "alternative", "replaces"]
        frame = _table(self._starts, names)
        ends = _table(self._ends, ["measure", "day", "reason"])
        end = np.full(len(frame), NO_DAY)
        reason = np.zeros(len(frame), dtype=np.int64)
        number = ends["measure"].to_numpy()
        end[number] = np.maximum(ends["day"].to_numpy(), frame["start"].to_numpy()[number])
        reason[number] = ends["reason"].to_numpy()
        return frame.assign(end=end, reason=reason)


def _table(parts: list[tuple[Column, ...]], names: list[str]) -> pd.DataFrame:
    """Columns of the collected pieces, joined."""
    if not parts:
        return pd.DataFrame({name: np.zeros(0, dtype=np.int64) for name in names})
    return pd.DataFrame(
        {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(names)}
    )
