"""Whether a pack is a draft or approved, and what a draft and its files are known by.

Belongs here: the mark that a pack carries and the hashes that identify it. Not here: who may
approve, and where an approved pack is kept (`orchestration`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exports.language import Language

_SHORT = 8


@dataclass(frozen=True)
class Approval:
    """Who approved a pack and when; editions after the first correct the one before."""

    edition: int
    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Standing:
    """A draft, known by what it is made from, or the approved pack made from that draft."""

    draft: str
    approval: Approval | None = None

    def mark(self, lang: Language) -> dict[str, str]:
        """`word` (empty where approved) and the sentence that every page carries."""
        if self.approval is None:
            return {
                "word": lang.text("committee.standing.draft"),
                "line": lang.text("committee.standing.draft_line", draft=self.draft),
                "note": lang.text("committee.standing.draft_note"),
            }
        approval = self.approval
        values = {"date": lang.date(approval.at.date()), "by": approval.by}
        note = ""
        if approval.edition > 1:
            note = lang.text(
                "committee.standing.corrected", edition=approval.edition, reason=approval.reason
            )
        return {
            "word": "",
            "line": lang.text("committee.standing.approved", **values),
            "note": note,
        }

    def as_data(self) -> dict[str, Any]:
        """The manifest's entry."""
        approval = self.approval
        if approval is None:
            return {"state": "draft", "draft": self.draft}
        return {
            "state": "approved",
            "draft": self.draft,
            "edition": approval.edition,
            "approved_by": approval.by,
            "approved_at": approval.at.isoformat(timespec="seconds"),
            "reason": approval.reason,
        }


def draft_id(*made_from: str) -> str:
    """The short name of a draft: another one wherever run, comment, comparison or form is."""
    return hashlib.sha256("\n".join(made_from).encode()).hexdigest()[:_SHORT]


def files_hash(files: Mapping[str, str]) -> str:
    """One SHA-256 over all files of a pack, given theirs by name."""
    lines = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()
