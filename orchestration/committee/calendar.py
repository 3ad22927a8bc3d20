"""What is due before the committee's meetings, by the calendar and what is kept.

Belongs here: which meeting is next, and which work is due on a day. Not here: doing it (schedule).
What was done is read from the files that it left, so nothing is forgotten or done twice when a
machine was off or Dagster's own history is lost.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from exports.publish import read_manifest
from orchestration.committee import store
from orchestration.committee.approvals import is_published
from orchestration.committee.receipts import is_delivered, reminded
from orchestration.settings import Settings
from orchestration.state import State


@dataclass(frozen=True)
class Due:
    """One piece of work; `detail` is the days of a reminder or the name of a target."""

    work: Literal["draft", "remind", "publish", "deliver"]
    meeting: date
    detail: str = ""

    @property
    def key(self) -> str:
        """The work in a few signs, for a run's key and messages."""
        return " ".join(filter(None, (self.work, self.meeting.isoformat(), self.detail)))


def next_meeting(settings: Settings, day: date) -> date | None:
    """The first meeting of the calendar on or after a day; None where there is none."""
    return min((one for one in settings.calendar.meetings if one >= day), default=None)


def meetings_with_pack(settings: Settings, state: State, as_of: date) -> list[date]:
    """The meetings that a run publishes a pack for: the next one, and all that are approved."""
    ahead = {day for day in store.meetings(state) if day >= as_of and store.approved(state, day)}
    following = next_meeting(settings, as_of)
    return sorted(ahead | ({following} if following else set()))


def due_work(settings: Settings, state: State, today: date) -> list[Due]:
    """What is to be done on a day, in the order of meetings. Nothing before a run is published."""
    if read_manifest(state.current) is None:
        return []
    ahead = sorted(day for day in settings.calendar.meetings if day >= today)
    return [due for meeting in ahead for due in _due(settings, state, meeting, today)]


def _due(settings: Settings, state: State, meeting: date, today: date) -> Iterator[Due]:
    committee, days = settings.committee, (meeting - today).days
    pack = store.approved(state, meeting)
    if pack is None:
        if days <= committee.draft_days and store.kept_draft(state, meeting) is None:
            yield Due("draft", meeting)
        # Where several fell on days without a machine, the last one says it all.
        reached = min((left for left in committee.remind_days if days <= left), default=None)
        if reached is not None and reached not in reminded(state, meeting):
            yield Due("remind", meeting, str(reached))
        return
    if not is_published(state, pack):
        yield Due("publish", meeting)
    if days <= committee.deliver_days:
        for name in committee.targets:
            if not is_delivered(state, pack, name):
                yield Due("deliver", meeting, name)
