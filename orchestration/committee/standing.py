"""How far each meeting's pack is, in sentences.

Belongs here: drafts, editions, deliveries, and whether files are unchanged, as told to a person.
Not here: finding faults (store), printing (cli).
"""

from datetime import date

from orchestration.committee import store
from orchestration.committee.approvals import is_published
from orchestration.committee.receipts import receipts_of
from orchestration.state import State


def standing_lines(state: State, meeting: date | None) -> tuple[list[str], bool]:
    """A line for every draft and edition, and whether all editions are what was approved."""
    days = [day for day in store.meetings(state) if meeting in (None, day)]
    lines, is_whole = [], True
    for day in days:
        draft, editions = store.kept_draft(state, day), store.editions(state, day)
        for pack in editions:
            faults = store.faults(state, pack)
            is_whole = is_whole and not faults
            lines.append(_edition_line(state, pack, faults, pack is editions[-1]))
        if draft and draft.draft not in {pack.draft for pack in editions}:
            lines.append(f"{day}: draft {draft.draft} of run {draft.manifest['run_id']} to read")
    return lines or ["no pack is drafted or approved"], is_whole


def _edition_line(state: State, pack: store.Pack, faults: list[str], is_newest: bool) -> str:
    standing = pack.standing
    said = [
        f"{pack.meeting}: edition {pack.edition}, approved by {standing['approved_by']} at"
        f" {standing['approved_at']}",
        "; ".join(faults) if faults else f"unchanged, sha256 {pack.sha256}",
    ]
    if standing["reason"]:
        said.insert(1, f"corrects: {standing['reason']}")
    said += [f"delivered to {one['target']} at {one['at']}" for one in receipts_of(state, pack)]
    if is_newest and not is_published(state, pack):
        said.append("not in the published run yet")
    return "; ".join(said)
