"""Puts a committee pack together: which parts, in which order, for which data.

Belongs here: the composition. Not here: the parts (`tables`, `story`, `charts`) or their layout.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from exports.committee import story, tables
from exports.committee.charts import (
    activity_figure,
    deviation_figure,
    month_figure,
    year_figure,
)
from exports.committee.comment import Comment
from exports.committee.hits import accuracy_chapter
from exports.committee.model import Chapter, Figure, Report, Table, is_missing
from exports.committee.standing import Standing
from exports.disclosure import load_rules
from exports.language import Language
from exports.status import MARKS, status_note, status_of, status_word

Frames = Mapping[str, pd.DataFrame]


def build_report(
    frames: Frames,
    meeting: date,
    lang: Language,
    changes: Sequence[Mapping[str, Any]],
    provenance: Mapping[str, str],
    standing: Standing,
    comment: Comment | None,
) -> Report:
    """The whole pack from controlled reporting tables. `changes`: see `previous.changes_since`.

    Raises LookupError without a row in rpt_run.
    """
    run = _run(frames)
    year = int(run["current_year"])
    outturn = frames.get("rpt_outturn")
    total = next(iter(tables.records(outturn, year=year, level="total")), None)
    functions = tables.records(outturn, year=year, level="function")
    status = status_of(total) if total else "no_forecast"
    front = tables.outturn_table(outturn, year, "function", lang)
    return Report(
        title=lang.text("committee.title", year=year),
        subtitle=lang.text(
            "committee.subtitle",
            municipality=run["municipality_name"],
            meeting=lang.date(meeting),
            as_of=lang.date(run["as_of"]),
        ),
        status=lang.text("committee.status_line", run_id=run["run_id"]),
        status_word=status_word(status, lang),
        status_symbol=MARKS[status],
        status_key=status,
        headline=story.headline(total, run, lang),
        lead=story.lead(total, functions, lang),
        tiles=story.tiles(total, lang),
        front_figures=_some(year_figure(frames, year, lang)),
        front_table=front if front.rows else None,
        boxes=_boxes(frames, run, changes, lang),
        chapters=_chapters(frames, run, total, changes, lang, provenance),
        footnotes=_footnotes(frames, lang),
        standing=standing,
        comment=comment,
        labels=_labels(run, lang),
    )


def _run(frames: Frames) -> dict[str, Any]:
    rows = tables.records(frames.get("rpt_run"))
    if not rows:
        raise LookupError("rpt_run has no row: there is no run to report on")
    return rows[0]


def _some(figure: Figure | None) -> list[Figure]:
    return [figure] if figure else []


def _boxes(
    frames: Frames, run: Mapping[str, Any], changes: Sequence[Mapping[str, Any]], lang: Language
) -> list[Chapter]:
    year = int(run["current_year"])
    return [
        Chapter(lang.text("committee.heading.changes"), story.changes_said(changes, lang)),
        Chapter(lang.text("committee.heading.activity"), story.activity_said(frames, year, lang)),
        Chapter(lang.text("committee.heading.method"), _method(run, lang)),
    ]


def _method(run: Mapping[str, Any], lang: Language) -> list[str]:
    said = [lang.text("committee.method.model")]
    if not is_missing(run["last_complete_month"]):
        said.append(
            lang.text(
                "committee.method.data",
                as_of=lang.date(run["as_of"]),
                months=lang.number(run["months_known"]),
                first=lang.month(run["first_month"]),
                last=lang.month(run["last_complete_month"]),
            )
        )
    said.append(lang.text("committee.method.gaps"))
    return said


def _chapters(
    frames: Frames,
    run: Mapping[str, Any],
    total: tables.Record | None,
    changes: Sequence[Mapping[str, Any]],
    lang: Language,
    provenance: Mapping[str, str],
) -> list[Chapter]:
    year = int(run["current_year"])
    types = tables.outturn_table(frames.get("rpt_outturn"), year, "measure_type", lang)
    activity = tables.activity_table(frames.get("rpt_activity_year"), year, lang)
    plan = tables.order_plan_table(frames.get("rpt_order_plan"), year, lang)
    moved = tables.change_table(changes, lang)
    drawn = [*_some(deviation_figure(frames, year, lang)), *_some(month_figure(frames, lang))]
    chapters = [
        Chapter(lang.text("committee.heading.courses"), (), drawn),
        _chapter("details", [], [types], lang),
        _chapter("moved", [], [moved], lang),
        _chapter("activity_details", _some(activity_figure(frames, year, lang)), [activity], lang),
        _chapter("order_plan", [], [plan], lang),
        accuracy_chapter(frames.get("rpt_forecast_accuracy"), lang),
    ]
    kept = [chapter for chapter in chapters if chapter.tables or chapter.figures]
    return [*kept, _assumptions(frames, run, total, lang, provenance)]


def _chapter(
    name: str, figures: Sequence[Figure], shown: Sequence[Table], lang: Language
) -> Chapter:
    filled = [table for table in shown if table.rows]
    return Chapter(lang.text(f"committee.heading.{name}"), (), figures if filled else (), filled)


def _assumptions(
    frames: Frames,
    run: Mapping[str, Any],
    total: tables.Record | None,
    lang: Language,
    provenance: Mapping[str, str],
) -> Chapter:
    load = tables.load_table(frames.get("rpt_load"), lang)
    said = [
        lang.text("committee.assumption.prices"),
        lang.text("committee.assumption.budget", as_of=lang.date(run["as_of"])),
        lang.text("committee.assumption.complete"),
        *story.open_said(total, lang),
        _rows_said(frames, lang),
        lang.text("committee.assumption.reproducible"),
    ]
    said += [
        lang.text("committee.assumption.provenance", name=name, value=value)
        for name, value in sorted(provenance.items())
    ]
    heading = lang.text("committee.heading.assumptions")
    return Chapter(heading, said, (), [load] if load.rows else [])


def _rows_said(frames: Frames, lang: Language) -> str:
    load = frames.get("rpt_load")
    if load is None or load.empty:
        return lang.text("committee.method.no_load")
    rejected, read = int(load["rows_rejected"].sum()), int(load["rows_read"].sum())
    return lang.text(
        "committee.method.rejected", rejected=lang.number(rejected), read=lang.number(read)
    )


def _footnotes(frames: Frames, lang: Language) -> list[str]:
    notes = [status_note(lang)]
    if any(bool(frame["suppressed"].any()) for frame in frames.values() if "suppressed" in frame):
        threshold = lang.number(load_rules().threshold)
        notes.append(lang.text("committee.note.suppressed", threshold=threshold))
    return notes


def _labels(run: Mapping[str, Any], lang: Language) -> dict[str, str]:
    named = {"municipality": run["municipality_name"], "run_id": run["run_id"]}
    year = int(run["current_year"])
    return {
        "municipality": run["municipality_name"],
        "area": lang.text("committee.area"),
        "footer": lang.text("committee.footer", year=year, **named),
        "functions": lang.text("committee.heading.functions"),
        "footnotes": lang.text("committee.heading.footnotes"),
        "page": lang.text("committee.page", page="{page}", pages="{pages}"),
    }
