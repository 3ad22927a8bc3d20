"""Tables of the cockpit: cells with the text for the eye and the value for the CSV file.

Belongs here: the model of a table and the tables made of reporting frames. A suppressed cell says
so in words and carries no value. Not here: charts, HTML.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from exports.charts import with_status
from exports.charts.figures import known
from exports.language import Language
from exports.status import MARKS, status_word


@dataclass(frozen=True)
class Cell:
    """`text` is shown; `value` goes into the CSV; `tone` is a class that colour may follow."""

    text: str
    value: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Table:
    """A table with headings; the first cell of each row is its row heading.

    `total_first` marks the first row as the sum of the others.
    """

    id: str
    caption: str
    head: list[str]
    rows: list[list[Cell]] = field(default_factory=list)
    text_columns: tuple[int, ...] = (0,)
    total_first: bool = False


_CHARTED = {"persons": "full_year_persons"}
"""Measures that charts give a shorter column."""

Format = Callable[[Any], str]


def _text(value: Any) -> Cell:
    shown = str(value) if known(value) else ""
    return Cell(shown, shown)


def _number(value: Any, text: Format, hidden: str | None = None, decimals: int = 2) -> Cell:
    """A number; one that is missing is `hidden` where the row is suppressed."""
    if known(value):
        plain = round(float(value), decimals)
        return Cell(text(value), str(int(plain)) if plain == int(plain) else str(plain))
    return Cell(hidden, hidden, "hidden") if hidden is not None else Cell(text(None))


def outturn_table(frame: pd.DataFrame, lang: Language, table_id: str, caption: str) -> Table:
    """Budget, actual, what is still to be booked (where anything is), expected outturn, interval,
    deviation, odds, floor and status; total first.

    `frame`: rpt_outturn of one year, in the order to show.
    """
    is_open = any(known(amount) and float(amount) for amount in frame["open_amount"])
    keys = ("adjusted_budget", "actual_to_date", "consumption_rate",
            *(("open_amount",) if is_open else ()), "expected_outturn", "interval_80", "deviation",
            "probability_over_budget", "floor_amount", "status")  # fmt: skip
    rows = with_status(frame).to_dict(orient="records")
    return Table(
        id=table_id,
        caption=caption,
        head=[lang.text("cockpit.column.area"), *(heading(lang, key) for key in keys)],
        rows=[_outturn_row(row, lang, is_open) for row in rows],
        text_columns=(0, len(keys)),
        total_first=bool(rows) and rows[0]["level"] == "total",
    )


def heading(lang: Language, key: str) -> str:
    """The page's own words for a column where they say more (a unit), else the measure's name."""
    names = (f"cockpit.column.{key}", f"measure.{_CHARTED.get(key, key)}", f"term.{key}",
             f"charts.column.{key}")  # fmt: skip
    return lang.text(next(name for name in names if lang.has(name)))


def _outturn_row(row: dict[Any, Any], lang: Language, is_open: bool) -> list[Cell]:
    hidden = lang.text("format.suppressed") if bool(row["suppressed"]) else None
    rate = None
    if known(row["adjusted_budget"]) and known(row["actual_to_date"]) and row["adjusted_budget"]:
        rate = float(row["actual_to_date"]) / float(row["adjusted_budget"])
    span = Cell(hidden or lang.text("format.missing"), hidden or "", "hidden" if hidden else "")
    if known(row["p10"]) and known(row["p90"]):
        low, high = (lang.millions(row[name], 2) for name in ("p10", "p90"))
        span = Cell(
            lang.text("format.interval", low=low, high=high),
            f"{float(row['p10']):.0f} – {float(row['p90']):.0f}",
        )
    still = _number(row["open_amount"], lambda x: lang.millions(x, 2), hidden)
    return [
        _text(row[lang.column("label")]),
        _number(row["adjusted_budget"], lambda x: lang.millions(x, 2)),
        _number(row["actual_to_date"], lambda x: lang.millions(x, 2), hidden),
        _number(rate, lang.percent, hidden, 4),
        *([still] if is_open else []),
        _number(row["mean"], lambda x: lang.millions(x, 2), hidden),
        span,
        _number(row["deviation"], lambda x: _plus(x) + lang.millions(x, 2), hidden),
        _number(row["probability_over_budget"], lambda x: _chance(lang, x), hidden, 4),
        _number(row["floor_amount"], lambda x: lang.millions(x, 2), hidden),
        _status(str(row["status"]), lang),
    ]


def _status(status: str, lang: Language) -> Cell:
    """The status; its mark stays on the line of its word."""
    word, mark = status_word(status, lang), MARKS[status]
    shown = f"{mark}\N{NO-BREAK SPACE}{word}" if mark else word
    return Cell(shown, word, "hidden" if status == "suppressed" else status)


def _plus(value: Any) -> str:
    return "+" if known(value) and float(value) > 0 else ""


def _chance(lang: Language, value: Any) -> str:
    return lang.chance(value) if known(value) else lang.text("format.missing")


def activity_table(frame: pd.DataFrame, lang: Language, table_id: str, caption: str) -> Table:
    """Full-year persons, children, net expenditure and unit price per type, for one year."""
    rows = []
    for row in frame.to_dict(orient="records"):
        hidden = lang.text("format.suppressed") if bool(row["suppressed"]) else None
        rows.append(
            [
                _text(row[lang.column("label")]),
                _number(row["full_year_persons"], lambda x: lang.number(x, 1), hidden),
                _number(row["children"], lang.number, hidden),
                _number(row["net_expenditure"], lambda x: lang.millions(x, 2), hidden),
                _number(row["unit_price"], lang.number, hidden),
            ]
        )
    keys = ("full_year_persons", "children", "net_expenditure", "unit_price")
    head = [lang.text("cockpit.column.type"), *(heading(lang, key) for key in keys)]
    return Table(table_id, caption, head, rows)


def change_table(frame: pd.DataFrame, lang: Language, table_id: str, caption: str) -> Table:
    """Expected outturn before and now, and the change, in DKK million."""
    rows = []
    for row in frame.to_dict(orient="records"):
        hidden = None if known(row["change"]) else lang.text("format.suppressed")
        cells = [_number(row[name], lambda x: lang.millions(x, 2), hidden)
                 for name in ("mean_before", "mean_now")]  # fmt: skip
        change = _number(row["change"], lambda x: _plus(x) + lang.millions(x, 2), hidden)
        rows.append([_text(row[lang.column("label")]), *cells, change])
    keys = ("area", "mean_before", "mean_now", "change")
    return Table(table_id, caption, [heading(lang, key) for key in keys], rows)


def load_table(frame: pd.DataFrame, lang: Language, table_id: str, caption: str) -> Table:
    """Every file of the newest load with its rows accounted for, and how it went."""
    counts = ("rows_read", "rows_loaded", "rows_rejected", "rows_superseded", "rows_out_of_scope")
    rows = []
    for row in frame.to_dict(orient="records"):
        state = str(row["state"])
        failed = state == "failed"
        shape = "▲" if failed or (known(row["rows_rejected"]) and row["rows_rejected"]) else "●"
        name = "failed" if failed else "partly" if shape == "▲" else "loaded"
        shown = f"{shape} {lang.text(f'cockpit.state.{name}')}"
        rows.append(
            [
                _text(row["file"]),
                _text(row["source"]),
                _text(row["entity"]),
                *(_number(row[count], lang.number) for count in counts),
                Cell(shown, state, "over" if failed else ""),
            ]
        )
    keys = ("file", "source", "entity", *counts, "state")
    head = [heading(lang, key) for key in keys]
    return Table(table_id, caption, head, rows, text_columns=(0, 1, 2, 8))


def quality_table(frame: pd.DataFrame, lang: Language, table_id: str, caption: str) -> Table:
    """What was found in the data: rule in words, how severe, where, how many rows."""
    rows = []
    for row in frame.to_dict(orient="records"):
        error = row["severity"] == "error"
        shown = ("▲ " if error else "● ") + lang.text(f"cockpit.severity.{row['severity']}")
        rows.append(
            [
                _text(row[lang.column("message")]),
                Cell(shown, str(row["severity"]), "over" if error else ""),
                _text(row["source"]),
                _text(row["entity"]),
                _number(row["rows"], lang.number),
            ]
        )
    keys = ("message", "severity", "source", "entity", "rows")
    head = [heading(lang, key) for key in keys]
    return Table(table_id, caption, head, rows, text_columns=(0, 1, 2, 3))
