"""What changed since the last pack.

Belongs here: the comparison with the figures in the previous pack's manifest or, without one, with
the last run (`rpt_change`). Not here: how it is said (`story`).
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from exports.committee.model import is_missing
from exports.committee.tables import Record, records
from exports.language import Language


def published_figures(frames: Mapping[str, pd.DataFrame], year: int) -> list[dict[str, Any]]:
    """The expected outturn per node as the pack shows it, for the next pack to compare with."""
    return [
        {
            "level": row["level"],
            "key": str(row["key"]),
            "mean": None if is_missing(row["mean"]) else round(float(row["mean"]), 2),
        }
        for row in records(frames.get("rpt_outturn"), year=year)
    ]


def changes_since(
    frames: Mapping[str, pd.DataFrame], previous: Path | None, year: int, lang: Language
) -> list[Record]:
    """level, key, label, mean_now, mean_before, change, as_of_before and suppressed per node.

    `previous`: the folder of the last pack. Its figures are used if they are of the same year;
    otherwise the last run's. Empty on a first report. ValueError for a manifest of another kind.
    """
    manifest = _manifest(previous)
    if manifest is None or manifest["year"] != year:
        return [
            row | {"label": row[lang.column("label")]} for row in records(frames.get("rpt_change"))
        ]
    before = {(row["level"], row["key"]): row["mean"] for row in manifest["figures"]}
    return [
        _change(row, before.get((row["level"], str(row["key"]))), manifest["as_of"], lang)
        for row in records(frames.get("rpt_outturn"), year=year)
    ]


def compared_with(previous: Path | None) -> dict[str, str] | None:
    """The pack that changes are told against: its meeting and the hash of its manifest."""
    manifest = _manifest(previous)
    if manifest is None or previous is None:
        return None
    body = (previous / "manifest.json").read_bytes()
    return {"meeting": manifest["meeting"], "sha256": hashlib.sha256(body).hexdigest()}


def _manifest(previous: Path | None) -> dict[str, Any] | None:
    path = previous / "manifest.json" if previous else None
    if path is None or not path.is_file():
        return None
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if content.get("kind") != "committee-pack":
        raise ValueError(f"{path} is not the manifest of a committee pack")
    return content


def _change(row: Record, before: float | None, as_of: str, lang: Language) -> Record:
    """A node that is hidden now or was hidden then has no change: the difference would tell."""
    known = not (is_missing(row["mean"]) or is_missing(before))
    return {
        "level": row["level"],
        "key": row["key"],
        "label": row[lang.column("label")],
        "mean_now": row["mean"],
        "mean_before": before,
        "change": float(row["mean"]) - float(before or 0) if known else None,
        "as_of_before": as_of,
        "suppressed": bool(row["suppressed"]) or (before is None and not is_missing(row["mean"])),
    }
