"""Writes a committee pack.

Belongs here: the one public call and the order of its steps. Everything before the last step is
pure; the files are written at the end. Not here: content and layout of any file.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from exports.committee.assess import committee_rules
from exports.committee.content import build_report
from exports.committee.files import render_csv, render_excel_csv, render_manifest
from exports.committee.layout import as_data
from exports.committee.model import Report, Table
from exports.committee.page import render_page
from exports.committee.pdf import render_pdf
from exports.committee.previous import changes_since, published_figures
from exports.committee.tables import month_table, records
from exports.committee.workbook import render_workbook
from exports.disclosure import control
from exports.language import Language

Frames = Mapping[str, pd.DataFrame]


def make_pack(
    frames: Frames,
    meeting: date,
    language: str,
    out: Path,
    previous: Path | None = None,
    provenance: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write the pack for a meeting into the folder `out` and return its files.

    `frames`: the reporting tables by name; disclosure control is applied again, which changes
    nothing where it has been. `previous`: the folder of the last pack, to tell what changed.
    `provenance`: names and values that say how the numbers were made. The same frames and
    arguments give the same bytes. Raises LookupError without a run, ValueError for an unknown
    language or a `previous` that is not a pack.
    """
    files = pack_files(frames, meeting, language, previous, provenance or {})
    out.mkdir(parents=True, exist_ok=True)
    for name, body in files.items():
        (out / name).write_bytes(body)
    return [out / name for name in files]


def pack_files(
    frames: Frames,
    meeting: date,
    language: str,
    previous: Path | None,
    provenance: Mapping[str, str],
) -> dict[str, bytes]:
    """The pack's files by name, `manifest.json` last."""
    lang = Language(language)
    safe = control(frames)
    runs = records(safe.get("rpt_run"))
    if not runs:
        raise LookupError("rpt_run has no row: there is no run to report on")
    run, year = runs[0], int(runs[0]["current_year"])
    as_of = pd.Timestamp(run["as_of"]).date()
    changes = changes_since(safe, previous, year, lang)
    report = build_report(safe, meeting, lang, changes, provenance)
    data = as_data(report, lang)
    tables = _all_tables(report, safe, year, lang)
    files = {
        "rapport.pdf": render_pdf(data, as_of),
        "rapport.html": render_page(data),
        "tal.xlsx": render_workbook(tables, _about(report), as_of, lang),
        "tal.csv": render_csv(tables, lang),
        "tal_excel.csv": render_excel_csv(tables, lang),
    }
    figures = published_figures(safe, year)
    run = run | {"as_of": as_of}
    return files | {
        "manifest.json": render_manifest(run, meeting, lang, files, figures, provenance)
    }


def _all_tables(report: Report, frames: Frames, year: int, lang: Language) -> list[Table]:
    first_year = year - committee_rules()["years_before"]
    months = month_table(frames.get("rpt_expenditure_month"), first_year, lang)
    return [*report.tables, *([months] if months.rows else [])]


def _about(report: Report) -> list[tuple[str, str]]:
    """The workbook's first lines: what it is, its finding, its definitions."""
    said = [
        (report.labels["area"], report.title),
        (report.labels["municipality"], f"{report.subtitle} · {report.status}"),
        (report.status_word, " ".join([report.headline, *report.lead])),
    ]
    behind = [
        (chapter.title, " ".join(chapter.paragraphs))
        for chapter in [*report.boxes, *report.chapters]
        if chapter.paragraphs
    ]
    return [*said, *behind, (report.labels["footnotes"], " ".join(report.footnotes))]
