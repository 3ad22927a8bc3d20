"""`tal.csv`, `tal_excel.csv` and `manifest.json`.

Belongs here: the text files of a pack. Not here: the numbers. Both CSV files hold the same cells,
one per row: for machines in UTF-8 with comma and decimal point, for Danish Excel with a byte order
mark, semicolon and decimal comma.
"""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from io import StringIO
from typing import Any

from exports.committee.comment import Comment
from exports.committee.model import Column, Report, Row, Table, is_hidden, is_missing
from exports.committee.standing import files_hash
from exports.committee.workbook import unit
from exports.language import Language

FIELDS = ("table", "row", "label", "column", "column_label", "unit", "value", "suppressed")


def render_csv(tables: Sequence[Table], lang: Language) -> bytes:
    """One cell per row, UTF-8, comma, decimal point; suppressed and unknown values are empty."""
    return _written(list(_cells(tables, lang)), ",", ".").encode("utf-8")


def render_excel_csv(tables: Sequence[Table], lang: Language) -> bytes:
    """The same cells as Danish Excel opens them by a double click."""
    return _written(list(_cells(tables, lang)), ";", ",").encode("utf-8-sig")


def _cells(tables: Sequence[Table], lang: Language) -> Iterator[dict[str, Any]]:
    for table in tables:
        first, *others = table.sheet_columns
        for row in table.rows:
            label = row.values.get(first.name)
            for column in others:
                yield {
                    "table": table.name,
                    "row": row.key,
                    "label": _date(label) if first.kind == "date" else label,
                    "column": column.name,
                    "column_label": column.label.replace("\u00ad", ""),
                    "unit": unit(column, lang),
                    "value": _value(column, row),
                    "suppressed": int(is_hidden(column, row)),
                }


def _value(column: Column, row: Row) -> Any:
    value: Any = row.values.get(column.name)
    if is_missing(value):
        return None
    if column.kind == "text":
        return str(value)
    return _date(value) if column.kind == "date" else float(value)


def _date(value: Any) -> str:
    return f"{value:%Y-%m-%d}"


def _written(cells: Sequence[dict[str, Any]], delimiter: str, point: str) -> str:
    target = StringIO()
    writer = csv.DictWriter(target, FIELDS, delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    for cell in cells:
        writer.writerow(cell | {"value": _plain(cell["value"], point)})
    return target.getvalue()


def _plain(value: Any, point: str) -> Any:
    """Without exponent and trailing zeros, to a millionth."""
    if not isinstance(value, float):
        return value
    return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", point)


def render_manifest(
    run: Mapping[str, Any],
    report: Report,
    meeting: date,
    lang: Language,
    files: Mapping[str, bytes],
    figures: Sequence[Mapping[str, Any]],
    provenance: Mapping[str, str],
    compared_with: Mapping[str, str] | None,
) -> bytes:
    """What the pack is made of: the run, the comment, the pack that it is compared with; whether it
    is approved; each file's size and hash, and the figures it shows."""
    hashes = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    content = {
        "kind": "committee-pack",
        "run_id": str(run["run_id"]),
        "as_of": _date(run["as_of"]),
        "year": int(run["current_year"]),
        "meeting": meeting.isoformat(),
        "language": lang.code,
        "municipality": {
            "name": str(run["municipality_name"]),
            "code": str(run["municipality_code"]),
        },
        "standing": report.standing.as_data(),
        "comment": _comment(report.comment),
        "compared_with": compared_with,
        "provenance": dict(sorted(provenance.items())),
        "files": {
            name: {"bytes": len(body), "sha256": hashes[name]}
            for name, body in sorted(files.items())
        },
        "files_sha256": files_hash(hashes),
        "figures": list(figures),
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _comment(comment: Comment | None) -> dict[str, str | None] | None:
    if comment is None:
        return None
    written = comment.written_on.isoformat() if comment.written_on else None
    return {"sha256": comment.sha256, "author": comment.author, "date": written}
