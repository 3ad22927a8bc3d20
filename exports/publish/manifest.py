"""The manifest of a published run: what it is made of, and the hash of every file.

What belongs here: `manifest.json`. What does not: the pack's own manifest (exports.committee).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

NAME = "manifest.json"


@dataclass(frozen=True)
class PublishedFile:
    """One file: its path in the run's folder, rows (null where it has none), bytes, SHA-256."""

    path: str
    rows: int | None
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The identity of a run and its files. Times are ISO 8601 in UTC."""

    run_id: str
    as_of: str
    load_ids: tuple[str, ...]
    code_version: str
    data_version: str
    published_at: str
    files: tuple[PublishedFile, ...] = field(default=())


def write_manifest(folder: Path, manifest: Manifest, rows: Mapping[str, int]) -> Manifest:
    """Hash every file of `folder` and write `manifest.json` beside them."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != NAME)
    nested = sorted(path for path in folder.rglob(NAME) if path.parent != folder)
    files = tuple(
        PublishedFile(
            path=path.relative_to(folder).as_posix(),
            rows=rows.get(path.relative_to(folder).as_posix()),
            bytes=path.stat().st_size,
            sha256=_sha256(path),
        )
        for path in sorted([*paths, *nested])
    )
    complete = replace(manifest, files=files)
    text = json.dumps(asdict(complete), indent=2, ensure_ascii=False)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")
    return complete


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a published folder; None where nothing is published."""
    path = folder / NAME
    if not path.is_file():
        return None
    found = json.loads(path.read_text("utf-8"))
    files = tuple(PublishedFile(**item) for item in found.pop("files"))
    return Manifest(**{**found, "load_ids": tuple(found["load_ids"]), "files": files})


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
