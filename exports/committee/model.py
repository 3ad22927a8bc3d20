"""What a committee pack says, before it is laid out: the same for PDF, HTML, Excel and CSV.

Belongs here: the shapes (tables with raw values, figures, paragraphs) and how one cell is written.
Not here: what goes into a pack (`content`) and how it looks (`pdf`, `page`, `workbook`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from exports.committee.comment import Comment
from exports.committee.standing import Standing
from exports.language import Language

Kind = Literal[
    "text",
    "millions",
    "signed",
    "kroner",
    "persons",
    "signed_persons",
    "count",
    "percent",
    "signed_percent",
    "interval",
    "date",
]


@dataclass(frozen=True)
class Column:
    """A table column. Amounts are DKK, shares are of 1; an interval shows the row's p10 and p90.

    Signed kinds are differences and carry + or -. `decimals` holds for millions, persons and per
    cent. `page` and `sheet` say where it is shown: pages merge p10 and p90, the workbook not.
    `public` columns (budgets, plans) are never suppressed: where empty, they are unknown.
    """

    name: str
    label: str
    kind: Kind
    decimals: int = 1
    page: bool = True
    sheet: bool = True
    public: bool = False


@dataclass(frozen=True)
class Row:
    """One row of raw values. `strong` rows are totals; `suppressed` by disclosure control."""

    key: str
    values: Mapping[str, Any]
    suppressed: bool = False
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """A table with its title, unit line and note."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: str = ""

    @property
    def page_columns(self) -> list[Column]:
        """The columns of the paper and web versions."""
        return [column for column in self.columns if column.page]

    @property
    def sheet_columns(self) -> list[Column]:
        """The columns of the workbook and the CSV files."""
        return [column for column in self.columns if column.sheet]


@dataclass(frozen=True)
class Figure:
    """A chart as SVG; `title` states the finding, `alt` says it with its numbers."""

    name: str
    title: str
    svg: str
    alt: str


@dataclass(frozen=True)
class Chapter:
    """A heading with paragraphs, figures and tables, in this order."""

    title: str
    paragraphs: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True)
class Tile:
    """A key figure: a label, the number and what it means."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Report:
    """A whole pack's content. `front_*` is page one, `comment` and `chapters` stand behind it."""

    title: str
    subtitle: str
    status: str
    status_word: str
    status_symbol: str
    status_key: str
    headline: str
    lead: Sequence[str]
    tiles: Sequence[Tile]
    front_figures: Sequence[Figure]
    front_table: Table | None
    boxes: Sequence[Chapter]
    chapters: Sequence[Chapter]
    footnotes: Sequence[str]
    standing: Standing
    comment: Comment | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def tables(self) -> list[Table]:
        """Every table once, the front one first."""
        behind = [table for chapter in self.chapters for table in chapter.tables]
        return [*([self.front_table] if self.front_table else []), *behind]


def is_missing(value: Any) -> bool:
    """None, NaN and NaT."""
    return value is None or bool(pd.isna(value))


def is_hidden(column: Column, row: Row) -> bool:
    """Whether an empty cell is empty because disclosure control suppressed it."""
    known = column.public or column.kind == "text"
    return row.suppressed and not known and is_missing(row.values.get(column.name))


def cell(column: Column, row: Row, lang: Language) -> str:
    """How the row's value is written for a reader; suppressed ones by the catalogue's sign."""
    names = ("p10", "p90") if column.kind == "interval" else (column.name,)
    values = [row.values.get(name) for name in names]
    if any(is_missing(value) for value in values):
        return lang.text("format.suppressed" if is_hidden(column, row) else "format.missing")
    if column.kind == "interval":
        low, high = (lang.millions(value, column.decimals) for value in values)
        return lang.text("format.interval", low=low, high=high)
    return _writer(column, lang)(values[0])


def _writer(column: Column, lang: Language) -> Callable[[Any], str]:
    decimals = column.decimals
    writers: dict[str, Callable[[Any], str]] = {
        "text": str,
        "date": lang.month,
        "kroner": lang.number,
        "count": lang.number,
        "millions": lambda amount: lang.millions(amount, decimals),
        "persons": lambda persons: lang.number(persons, decimals),
        "percent": lambda share: lang.percent(share, decimals),
    }
    signed = {"signed": "millions", "signed_persons": "persons", "signed_percent": "percent"}
    if column.kind in signed:
        write = writers[signed[column.kind]]
        return lambda difference: lang.signed(write, difference)
    return writers[column.kind]
