"""What was told and delivered, remembered beside the packs.

Belongs here: receipts of deliveries, marks of reminders. Not here: delivering (delivery).

A receipt is written after a delivery. What cannot be repeated without somebody noticing (mail) is
also marked before: where a process ended in between, nobody knows whether it arrived, and it is not
sent again by itself.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from orchestration.committee.store import Pack
from orchestration.state import State


def is_delivered(state: State, pack: Pack, target: str) -> bool:
    """Whether a target has this very edition."""
    found = receipt(state, pack, target)
    return found is not None and found["files_sha256"] == pack.sha256


def receipt(state: State, pack: Pack, target: str) -> Mapping[str, Any] | None:
    """The receipt of a delivery; None where there is none."""
    path = _receipt(state, pack, target)
    if not path.is_file():
        return None
    content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def write_receipt(state: State, pack: Pack, target: str, where: str, at: datetime) -> None:
    """Remember that a target got it."""
    content = {
        "meeting": pack.manifest["meeting"],
        "edition": pack.edition,
        "target": target,
        "where": where,
        "at": at.isoformat(timespec="seconds"),
        "files": list(pack.names),
        "files_sha256": pack.sha256,
    }
    _write(_receipt(state, pack, target), content)
    unmark(state, pack, target)


def receipts_of(state: State, pack: Pack) -> list[Mapping[str, Any]]:
    """The receipts of an edition, by target."""
    folder = _folder(state, pack.meeting) / "delivered"
    paths = sorted(folder.glob(f"{pack.edition}-*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def is_marked(state: State, pack: Pack, target: str) -> bool:
    """Whether a delivery began and nobody knows how it ended."""
    return _mark(state, pack, target).is_file()


def mark(state: State, pack: Pack, target: str) -> None:
    """Remember that a delivery begins."""
    _write(_mark(state, pack, target), {"files_sha256": pack.sha256})


def unmark(state: State, pack: Pack, target: str) -> None:
    """Remember that a delivery is known to have failed, or to have a receipt."""
    _mark(state, pack, target).unlink(missing_ok=True)


def reminded(state: State, meeting: date) -> frozenset[int]:
    """The reminders that were sent, by their days before the meeting."""
    path = _reminders(state, meeting)
    return (
        frozenset(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else frozenset()
    )


def remember_reminder(state: State, meeting: date, days: int) -> None:
    """Remember that a reminder was sent."""
    _write(_reminders(state, meeting), sorted({*reminded(state, meeting), days}))


def _receipt(state: State, pack: Pack, target: str) -> Path:
    return _folder(state, pack.meeting) / "delivered" / f"{pack.edition}-{target}.json"


def _mark(state: State, pack: Pack, target: str) -> Path:
    return _receipt(state, pack, target).with_suffix(".begun")


def _reminders(state: State, meeting: date) -> Path:
    return _folder(state, meeting) / "reminded.json"


def _folder(state: State, meeting: date) -> Path:
    return state.committee / meeting.isoformat()


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    partial.replace(path)
