"""A report as plain data for the templates: every value written out.

Belongs here: the one conversion that PDF and HTML share, so that both say the same. Not here: what
is in a report, and how either template looks.
"""

from typing import Any

from exports.committee.comment import Comment
from exports.committee.model import Chapter, Figure, Report, Table, cell
from exports.language import Language

# Shares of a table's width: names need most, an interval holds two numbers.
WIDTHS = {
    "first": 3.3,
    "text": 2.5,
    "date": 1.2,
    "millions": 1.0,
    "signed": 0.95,
    "interval": 1.5,
    "kroner": 1.0,
    "persons": 1.0,
    "signed_persons": 0.95,
    "count": 0.9,
    "percent": 0.9,
    "signed_percent": 0.95,
}


def as_data(report: Report, lang: Language) -> dict[str, Any]:
    """The report as JSON-ready dictionaries, numbers already in the reader's language."""
    return {
        "lang": lang.code,
        "title": report.title,
        "subtitle": report.subtitle,
        "mark": report.standing.mark(lang),
        "status_line": report.status,
        "status": {
            "word": report.status_word,
            "symbol": report.status_symbol,
            "key": report.status_key,
        },
        "headline": report.headline,
        "lead": list(report.lead),
        "tiles": [vars(tile) for tile in report.tiles],
        "front_figures": [_figure(figure) for figure in report.front_figures],
        "front_table": _table(report.front_table, lang) if report.front_table else None,
        "boxes": [_chapter(box, lang) for box in report.boxes],
        "comment": _comment(report.comment, lang) if report.comment else None,
        "chapters": [_chapter(chapter, lang) for chapter in report.chapters],
        "footnotes": list(report.footnotes),
        "labels": dict(report.labels),
    }


def _chapter(chapter: Chapter, lang: Language) -> dict[str, Any]:
    return {
        "title": chapter.title,
        "paragraphs": list(chapter.paragraphs),
        "figures": [_figure(figure) for figure in chapter.figures],
        "tables": [_table(table, lang) for table in chapter.tables],
    }


def _comment(comment: Comment, lang: Language) -> dict[str, Any]:
    return {
        "title": lang.text("committee.heading.comment"),
        "byline": byline(comment, lang),
        "blocks": [block.as_data() for block in comment.blocks],
    }


def byline(comment: Comment, lang: Language) -> str:
    """Who wrote the comment and when, as far as it is known."""
    written = lang.date(comment.written_on) if comment.written_on else ""
    return ", ".join(part for part in (comment.author, written) if part)


def _figure(figure: Figure) -> dict[str, str]:
    return {"title": figure.title, "svg": figure.svg, "alt": figure.alt}


def _table(table: Table, lang: Language) -> dict[str, Any]:
    columns = table.page_columns
    return {
        "name": table.name,
        "title": table.title,
        "note": table.note,
        "columns": [
            {
                "label": column.label,
                "text": column.kind in ("text", "date"),
                "width": WIDTHS["first" if number == 0 else column.kind],
            }
            for number, column in enumerate(columns)
        ],
        "rows": [
            {
                "strong": row.strong,
                "cells": [cell(column, row, lang) for column in columns],
            }
            for row in table.rows
        ],
    }
