"""Doing what is due before a meeting.

Belongs here: each piece of due work, and going on where one fails. Not here: what is due
(calendar), when Dagster looks (jobs).
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from exports.language import Language
from orchestration.alerts import alert_urls, tell
from orchestration.committee import store
from orchestration.committee.approvals import publish_approved
from orchestration.committee.calendar import Due
from orchestration.committee.comments import comment_path
from orchestration.committee.delivery import deliver
from orchestration.committee.drafts import draft_now, make_draft
from orchestration.committee.receipts import remember_reminder
from orchestration.refusal import Refusal
from orchestration.settings import ConfigurationError, Settings
from orchestration.state import State


def do_due(
    settings: Settings,
    state: State,
    due: Iterable[Due],
    now: datetime,
    log: Callable[[str], None],
) -> None:
    """Do all of it; raises one Refusal for what failed when the rest is done. Needs the lock."""
    failed = []
    for one in due:
        try:
            _do(settings, state, one, now)
        except (Refusal, ConfigurationError) as error:
            failed.append(f"committee {one.key}: {error}")
        else:
            log(f"done: {one.key}")
    if failed:
        raise Refusal("; ".join(failed))


def _do(settings: Settings, state: State, due: Due, now: datetime) -> None:
    pack = store.approved(state, due.meeting)
    if due.work == "draft":
        make_draft(settings, state, due.meeting)
        _tell(settings, state, due.meeting, now.date(), "drafted")
    elif due.work == "remind":
        _tell(settings, state, due.meeting, now.date(), "open")
        remember_reminder(state, due.meeting, int(due.detail))
    elif due.work == "publish" and pack:
        publish_approved(settings, state, pack)
    elif due.work == "deliver" and pack:
        deliver(settings, state, pack, due.detail, now)


def _tell(settings: Settings, state: State, meeting: date, today: date, what: str) -> None:
    """Tell the alert addresses of a draft that waits. Raises Refusal where one does not take it;
    where there is none, nobody is told."""
    lang = Language(settings.municipality.language)
    title = lang.text(
        f"committee.reminder.{what}",
        municipality=settings.municipality.name,
        meeting=lang.date(meeting),
    )
    draft = store.kept_draft(state, meeting)
    lines = [lang.text("committee.reminder.days", days=(meeting - today).days)]
    if draft:
        where = {"draft": draft.draft, "folder": str(draft.folder)}
        lines.append(lang.text("committee.reminder.draft", **where))
        if draft_now(settings, state, meeting) != draft.draft:
            lines.append(lang.text("committee.reminder.newer"))
    path = str(comment_path(settings, state, meeting))
    lines.append(lang.text("committee.reminder.comment", path=path))
    lines.append(lang.text("committee.reminder.approve", day=meeting.isoformat()))
    if alert_urls() and not tell(title, lines):
        raise Refusal("an alert address did not take the message; the log says which kind")
