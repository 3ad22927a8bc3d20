"""Writes a committee pack.

Belongs here: the one public call and the order of its steps. Everything before the last step is
pure; the files are written at the end. Not here: content and layout of any file.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from exports.committee.comment import Comment
from exports.committee.content import build_report
from exports.committee.files import render_csv, render_excel_csv, render_manifest
from exports.committee.layout import as_data, byline
from exports.committee.model import Report, Table
from exports.committee.page import render_page
from exports.committee.pdf import render_pdf
from exports.committee.previous import changes_since, compared_with, published_figures
from exports.committee.rules import committee_rules
from exports.committee.standing import Approval, Standing, draft_id
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
    comment: Comment | None = None,
    approval: Approval | None = None,
) -> list[Path]:
    """Write the pack for a meeting into the folder `out` and return its files.

    `frames`: the reporting tables by name; disclosure control is applied again, which changes
    nothing where it has been. `previous`: the folder of the last pack, to tell what changed.
    `provenance`: names and values that say how the numbers were made. `comment`: what the economist
    says to them. Without an `approval` the pack is a draft, and every page says so; with one it
    differs from its draft in that mark alone. The same frames and arguments give the same bytes.
    Raises LookupError without a run, ValueError for an unknown language or a `previous` that is
    not a pack.
    """
    files = pack_files(frames, meeting, language, previous, provenance or {}, comment, approval)
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
    comment: Comment | None = None,
    approval: Approval | None = None,
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
    draft = draft_of(str(run["run_id"]), meeting, language, comment, previous)
    standing = Standing(draft, approval)
    report = build_report(safe, meeting, lang, changes, provenance, standing, comment)
    data = as_data(report, lang)
    tables = _all_tables(report, safe, year, lang)
    files = {
        "rapport.pdf": render_pdf(data, as_of),
        "rapport.html": render_page(data),
        "tal.xlsx": render_workbook(
            tables, _about(report, lang), as_of, standing.mark(lang)["word"], lang
        ),
        "tal.csv": render_csv(tables, lang),
        "tal_excel.csv": render_excel_csv(tables, lang),
    }
    figures = published_figures(safe, year)
    run = run | {"as_of": as_of}
    return files | {
        "manifest.json": render_manifest(
            run, report, meeting, lang, files, figures, provenance, compared_with(previous)
        )
    }


def draft_of(
    run_id: str, meeting: date, language: str, comment: Comment | None, previous: Path | None
) -> str:
    """The short name of the draft that is made from these, without making it."""
    against = compared_with(previous)
    said, before = comment.sha256 if comment else "", against["sha256"] if against else ""
    return draft_id(run_id, meeting.isoformat(), language, said, before)


def _all_tables(report: Report, frames: Frames, year: int, lang: Language) -> list[Table]:
    first_year = year - committee_rules()["years_before"]
    months = month_table(frames.get("rpt_expenditure_month"), first_year, lang)
    return [*report.tables, *([months] if months.rows else [])]


def _about(report: Report, lang: Language) -> list[tuple[str, str]]:
    """The workbook's first lines: what it is, whether it is approved, its finding, what the
    economist says, its definitions."""
    mark = report.standing.mark(lang)
    said = [
        (report.labels["area"], report.title),
        (report.labels["municipality"], f"{report.subtitle} · {report.status}"),
        (mark["word"] or lang.text("committee.standing.title"), f"{mark['line']} {mark['note']}"),
        (report.status_word, " ".join([report.headline, *report.lead])),
        *_comment_lines(report.comment, lang),
    ]
    behind = [
        (chapter.title, " ".join(chapter.paragraphs))
        for chapter in [*report.boxes, *report.chapters]
        if chapter.paragraphs
    ]
    return [*said, *behind, (report.labels["footnotes"], " ".join(report.footnotes))]


def _comment_lines(comment: Comment | None, lang: Language) -> list[tuple[str, str]]:
    """The comment, one line of the workbook for each of its blocks."""
    if comment is None:
        return []
    said = ["\n".join(block.lines()) for block in comment.blocks]
    labels = [lang.text("committee.heading.comment"), byline(comment, lang)]
    labels += [""] * len(said)
    return list(zip(labels, said, strict=False))
