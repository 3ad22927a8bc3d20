"""Where packs are kept: `$RAADERUM_HOME/committee/<meeting>/`.

Belongs here: names of folders, reading what is kept, writing it as a whole, the register of
approvals, and whether files are still what was approved. Not here: making a pack, who may approve.

`draft/` is the draft under reading; `approved/<edition>/` are approved packs, written once. Both
hold the pack's files and `basis/`: the tables, the comment and the earlier pack's manifest that
they were made from, so that they can be made again after the published run is gone.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from exports.committee import Approval, files_hash
from orchestration.state import State

MANIFEST = "manifest.json"
BASIS = "basis"
_REGISTER = "approvals.jsonl"
_READ_ONLY_FILE, _READ_ONLY_FOLDER = 0o444, 0o555


@dataclass(frozen=True)
class Pack:
    """A pack that is kept, and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def meeting(self) -> date:
        """The meeting that it is for."""
        return date.fromisoformat(self.manifest["meeting"])

    @property
    def standing(self) -> Mapping[str, Any]:
        """Draft or approved, by whom, which edition."""
        standing: Mapping[str, Any] = self.manifest["standing"]
        return standing

    @property
    def draft(self) -> str:
        """The name of the draft that it is, or was made from."""
        return str(self.standing["draft"])

    @property
    def edition(self) -> int:
        """The number of an approved pack; 0 for a draft."""
        return int(self.standing.get("edition", 0))

    @property
    def names(self) -> tuple[str, ...]:
        """Its files, the manifest last."""
        return (*self.manifest["files"], MANIFEST)

    @property
    def sha256(self) -> str:
        """The hash over its files."""
        return str(self.manifest["files_sha256"])

    def files(self) -> dict[str, bytes]:
        """Its files' content by name."""
        return {name: (self.folder / name).read_bytes() for name in self.names}


def read_pack(folder: Path) -> Pack | None:
    """The pack in a folder; None where there is none."""
    path = folder / MANIFEST
    if not path.is_file():
        return None
    return Pack(folder, json.loads(path.read_text(encoding="utf-8")))


def kept_draft(state: State, meeting: date) -> Pack | None:
    """The draft under reading."""
    return read_pack(_folder(state, meeting) / "draft")


def editions(state: State, meeting: date) -> list[Pack]:
    """The approved packs of a meeting, the newest last."""
    found = (_folder(state, meeting) / "approved").glob("[0-9]*")
    packs = [pack for folder in found if (pack := read_pack(folder))]
    return sorted(packs, key=lambda pack: pack.edition)


def approved(state: State, meeting: date) -> Pack | None:
    """The newest approved pack of a meeting."""
    return next(reversed(editions(state, meeting)), None)


def meetings(state: State) -> list[date]:
    """Every meeting that something is kept for, in order."""
    return sorted(date.fromisoformat(path.name) for path in state.committee.glob("????-??-??"))


def approved_before(state: State, meeting: date) -> Pack | None:
    """The approved pack of the last meeting before this one that has one."""
    earlier = (approved(state, day) for day in reversed(meetings(state)) if day < meeting)
    return next(filter(None, earlier), None)


def keep_draft(state: State, meeting: date, write: Callable[[Path], None]) -> Pack:
    """Replace the draft under reading by what `write` puts into a folder; all of it or nothing."""
    folder = _folder(state, meeting) / "draft"
    partial = _partial(folder)
    write(partial)
    if folder.exists():
        shutil.rmtree(folder)
    return _moved(partial, folder)


def keep_approved(
    state: State, draft: Pack, approval: Approval, files: Mapping[str, bytes]
) -> Pack:
    """Write an approved pack once, read-only, with the basis of its draft, and register it."""
    folder = _folder(state, draft.meeting) / "approved" / str(approval.edition)
    partial = _partial(folder)
    shutil.copytree(draft.folder / BASIS, partial / BASIS)
    for name, body in files.items():
        (partial / name).write_bytes(body)
    # First: an edition that is not in the register could not be told from one put there by hand.
    _register(state, draft.meeting, approval, files)
    pack = _moved(partial, folder)
    for path in [*folder.rglob("*"), folder]:
        path.chmod(_READ_ONLY_FOLDER if path.is_dir() else _READ_ONLY_FILE)
    return pack


def copy_pack(pack: Pack, out: Path) -> list[Path]:
    """Copy a pack's files, not its basis, into a folder; the paths of the copies."""
    out.mkdir(parents=True, exist_ok=True)
    for name, body in pack.files().items():
        (out / name).write_bytes(body)
    return [out / name for name in pack.names]


def faults(state: State, pack: Pack) -> list[str]:
    """What is not as it was approved: a sentence for each; none where every file is."""
    listed: Mapping[str, Mapping[str, Any]] = pack.manifest["files"]
    hashes = {name: _sha256(pack.folder / name) for name in listed}
    found = [
        f"{name} was {'changed' if hashes[name] else 'removed'} after the approval"
        for name, entry in listed.items()
        if hashes[name] != entry["sha256"]
    ]
    there = {path.name for path in pack.folder.iterdir()}
    found += [f"{name} was added" for name in sorted(there - {*pack.names, BASIS})]
    if files_hash({name: entry["sha256"] for name, entry in listed.items()}) != pack.sha256:
        found.append(f"{MANIFEST} does not agree with itself")
    lines = [line for line in _registered(state) if _is_of(line, pack)]
    if not lines:
        found.append("the register of approvals does not know it")
    elif lines[-1]["manifest_sha256"] != _sha256(pack.folder / MANIFEST):
        found.append(f"{MANIFEST} was changed after the approval")
    return found


def _folder(state: State, meeting: date) -> Path:
    return state.committee / meeting.isoformat()


def _partial(folder: Path) -> Path:
    partial = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    return partial


def _moved(partial: Path, folder: Path) -> Pack:
    partial.rename(folder)
    pack = read_pack(folder)
    if pack is None:
        raise FileNotFoundError(f"{folder} has no {MANIFEST}")
    return pack


def _register(state: State, meeting: date, approval: Approval, files: Mapping[str, bytes]) -> None:
    manifest = json.loads(files[MANIFEST])
    line = {
        "meeting": meeting.isoformat(),
        **manifest["standing"],
        "files_sha256": manifest["files_sha256"],
        "manifest_sha256": hashlib.sha256(files[MANIFEST]).hexdigest(),
    }
    with (state.committee / _REGISTER).open("a", encoding="utf-8", newline="\n") as handle:
        handle.write(json.dumps(line, ensure_ascii=False) + "\n")


def _registered(state: State) -> list[dict[str, Any]]:
    path = state.committee / _REGISTER
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _is_of(line: Mapping[str, Any], pack: Pack) -> bool:
    return bool(line["meeting"] == pack.manifest["meeting"] and line["edition"] == pack.edition)


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
