"""The command `committee`: the pack of a meeting, made, approved, delivered, verified.

What belongs here: its arguments and what it prints. What does not: the work
(orchestration.committee), the pack (exports.committee).
"""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestration.progress import reporter
from orchestration.refusal import Refusal
from orchestration.settings import ConfigurationError, Settings, home
from orchestration.state import State

_PACK, _APPROVAL = "The pack", "Approval and delivery"

MeetingOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="The meeting; default the next in the calendar."),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Where the pack is written; default ./committee.",
        rich_help_panel=_PACK,
    ),
]
DraftOption = Annotated[
    bool,
    typer.Option(
        "--draft",
        help="A new draft, although a pack is approved: to correct it.",
        rich_help_panel=_PACK,
    ),
]
ApproveOption = Annotated[
    bool,
    typer.Option("--approve", help="Approve the draft that was read.", rich_help_panel=_APPROVAL),
]
ByOption = Annotated[
    str | None,
    typer.Option(
        help="With --approve: who approves; default this account.", rich_help_panel=_APPROVAL
    ),
]
ReadOption = Annotated[
    str | None,
    typer.Option(
        help="With --approve: the draft that was read, as on its pages; it is then approved"
        " although data or comment were changed since.",
        rich_help_panel=_APPROVAL,
    ),
]
ReasonOption = Annotated[
    str,
    typer.Option(
        help="With --approve: what a further edition corrects.", rich_help_panel=_APPROVAL
    ),
]
DeliverOption = Annotated[
    bool,
    typer.Option(
        "--deliver",
        help="Deliver the approved pack now, where it was not yet.",
        rich_help_panel=_APPROVAL,
    ),
]
AgainOption = Annotated[
    bool,
    typer.Option(
        "--again", help="With --deliver: to every target once more.", rich_help_panel=_APPROVAL
    ),
]
VerifyOption = Annotated[
    bool,
    typer.Option(
        "--verify",
        help="Say what is drafted, approved and delivered, and whether it is unchanged.",
        rich_help_panel=_APPROVAL,
    ),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The configuration; default raaderum.toml here.")
]


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(committee)


def committee(
    meeting: MeetingOption = None,
    out: OutOption = None,
    draft: DraftOption = False,
    approve: ApproveOption = False,
    by: ByOption = None,
    read: ReadOption = None,
    reason: ReasonOption = "",
    deliver: DeliverOption = False,
    again: AgainOption = False,
    verify: VerifyOption = False,
    config: ConfigOption = None,
) -> None:
    """Make the committee pack of a meeting from the published run: a draft, until it is approved.

    What is approved stays as it is; from then on the command hands out that pack.
    """
    from orchestration.committee.calendar import next_meeting
    from orchestration.surroundings import configuration

    if sum((draft, approve, deliver, verify)) > 1:
        raise ConfigurationError("take one of --draft, --approve, --deliver and --verify at a time")
    if not approve and (by or read or reason):
        raise ConfigurationError("--by, --read and --reason belong to --approve")
    if again and not deliver:
        raise ConfigurationError("--again belongs to --deliver")
    settings, state = configuration(config), State(home())
    named = meeting.date() if meeting else None
    if verify:
        _verify(state, named)
        return
    day = named or next_meeting(settings, date.today())  # noqa: DTZ011 - a calendar day
    if day is None:
        raise ConfigurationError("the calendar has no meeting ahead; name one with --meeting")
    if approve:
        _approve(settings, state, day, by, read, reason)
    elif deliver:
        _deliver(settings, state, day, again)
    else:
        _write(settings, state, day, out or Path("committee"), draft)


def _write(settings: Settings, state: State, meeting: date, out: Path, anew: bool) -> None:
    from orchestration.committee.drafts import pack_for_meeting

    with reporter() as progress:
        progress.step(f"Committee pack for {meeting}")
        paths = pack_for_meeting(settings, state, meeting, out, anew)
    for path in paths:
        typer.echo(path)


def _approve(
    settings: Settings, state: State, meeting: date, by: str | None, read: str | None, reason: str
) -> None:
    from orchestration.committee.approvals import approve
    from orchestration.privacy.access_log import user
    from orchestration.run_lock import exclusive

    wait = settings.night.wait_minutes * 60
    with reporter() as progress, exclusive(state, wait, "approving a committee pack"):
        progress.step(f"Approving the pack for {meeting}")
        now = datetime.now(UTC)
        pack = approve(settings, state, meeting, by or user(), now, read, reason)
    typer.echo(f"Edition {pack.edition}, from draft {pack.draft}, sha256 {pack.sha256}")
    typer.echo(pack.folder)


def _deliver(settings: Settings, state: State, meeting: date, again: bool) -> None:
    from orchestration.committee import store
    from orchestration.committee.delivery import deliver
    from orchestration.run_lock import exclusive

    pack = store.approved(state, meeting)
    if pack is None:
        raise Refusal(f"no pack is approved for {meeting}; read the draft and use --approve")
    if not settings.committee.targets:
        raise ConfigurationError("there is no target; name one under [committee.targets.NAME]")
    wait, failed = settings.night.wait_minutes * 60, []
    with exclusive(state, wait, "delivering a committee pack"):
        for name in settings.committee.targets:
            try:
                sent = deliver(settings, state, pack, name, datetime.now(UTC), again)
            except Refusal as error:
                failed.append(str(error))
            else:
                typer.echo(f"{name}: {'delivered' if sent else 'has it already'}")
    if failed:
        raise Refusal("; ".join(failed))


def _verify(state: State, meeting: date | None) -> None:
    """One line for each draft and edition; exits 1 where one is not what was approved."""
    from orchestration.committee.standing import standing_lines

    lines, is_whole = standing_lines(state, meeting)
    for line in lines:
        typer.echo(line)
    if not is_whole:
        raise Refusal(
            "an approved committee pack is not what was approved; restore it from the backup"
            " (docs/runbooks/committee-pack.md)"
        )
