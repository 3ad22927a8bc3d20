"""Approving a draft: the pack as it was read, once, for good.

Belongs here: what may be approved, editions, and putting the approved pack among what is
published. Not here: making packs (drafts), keeping them (store).
"""

from datetime import date, datetime

from exports.committee import Approval
from exports.publish import publish_again, read_manifest
from orchestration.committee import store
from orchestration.committee.drafts import draft_now, make_again
from orchestration.intake.cpr import hide
from orchestration.refusal import Refusal
from orchestration.settings import Settings
from orchestration.state import State

_LONGEST = 160
"""Signs that fit into the margin of a page beside the mark."""


def approve(
    settings: Settings,
    state: State,
    meeting: date,
    by: str,
    at: datetime,
    draft: str | None = None,
    reason: str = "",
) -> store.Pack:
    """Approve the draft under reading and publish the approved pack. Needs the lock.

    `draft` names the draft that was read, which confirms it although a newer one could be made;
    `reason` says what a further edition corrects. Raises Refusal.
    """
    _require_printable(by, reason)
    kept = store.kept_draft(state, meeting)
    make = f"`raaderum committee --meeting {meeting} --draft` makes one to read"
    if kept is None:
        raise Refusal(f"there is no draft for the committee meeting on {meeting}; {make}")
    _require_correction(store.approved(state, meeting), kept, reason)
    _require_as_read(settings, state, kept, draft)
    if make_again(kept, None) != kept.files():
        raise Refusal(
            f"the files of draft {kept.draft} are not what is made from its basis: a file or the"
            f" program was changed since; {make}"
        )
    edition = 1 + max((pack.edition for pack in store.editions(state, meeting)), default=0)
    approval = Approval(edition, by, at, reason)
    pack = store.keep_approved(state, kept, approval, make_again(kept, approval))
    publish_approved(settings, state, pack)
    return pack


def publish_approved(settings: Settings, state: State, pack: store.Pack) -> None:
    """Publish the current run once more with the approved pack in it. Needs the lock."""
    if read_manifest(state.current) is None:
        return
    inside = f"committee/{pack.meeting}"
    publish_again(state.published, inside, lambda folder: store.copy_pack(pack, folder))


def is_published(state: State, pack: store.Pack) -> bool:
    """Whether what readers see is this very pack; true where nothing is published at all."""
    if read_manifest(state.current) is None:
        return True
    path = state.current / "committee" / pack.meeting.isoformat() / store.MANIFEST
    return path.is_file() and path.read_bytes() == (pack.folder / store.MANIFEST).read_bytes()


def _require_printable(by: str, reason: str) -> None:
    """Both stand in the margin of every page, which has room for so much and is public."""
    for option, text in (("--by", by), ("--reason", reason)):
        if len(text) > _LONGEST:
            raise Refusal(f"{option} is longer than {_LONGEST} signs; shorten it")
        if hide(text) != text:
            raise Refusal(f"{option} has what looks like a CPR number; leave it out")


def _require_correction(before: store.Pack | None, kept: store.Pack, reason: str) -> None:
    """A first edition needs no reason; a further one needs a reason and another draft."""
    meeting = kept.meeting
    if before is None:
        if reason:
            raise Refusal(
                f"nothing is approved for {meeting} yet, so there is nothing to correct; leave"
                " --reason out"
            )
        return
    told = f"edition {before.edition} of the pack for {meeting} was approved"
    told += f" by {before.standing['approved_by']} at {before.standing['approved_at']}"
    if kept.draft == before.draft:
        raise Refusal(
            f"{told} and stays as it is; to correct it, make a new draft (`raaderum committee"
            f" --meeting {meeting} --draft`), read it and approve it with --reason"
        )
    if not reason:
        raise Refusal(f"{told}; say with --reason what edition {before.edition + 1} corrects")


def _require_as_read(settings: Settings, state: State, kept: store.Pack, draft: str | None) -> None:
    """The named draft must be the kept one; unnamed, it must be what would be made now as well."""
    meeting = kept.meeting
    if draft is not None and draft != kept.draft:
        raise Refusal(
            f"the draft under reading for {meeting} is {kept.draft}, not {draft}; read that one, or"
            f" make a new one with `raaderum committee --meeting {meeting} --draft`"
        )
    if draft is None and draft_now(settings, state, meeting) != kept.draft:
        raise Refusal(
            f"data or comment were changed since draft {kept.draft} for {meeting} was made (run"
            f" {kept.manifest['run_id']}). To approve what was read: --read {kept.draft}. To"
            f" read a new one: `raaderum committee --meeting {meeting} --draft`"
        )
