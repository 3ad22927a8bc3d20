"""What a committee pack says, before it is laid out: the same for PDF, HTML, Excel and CSV.

Belongs here: the shapes (tables with raw values, figures, paragraphs) and how one cell is written.
Not here: what goes into a pack (`content`) and how it looks (`pdf`, `page`, `workbook`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

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
    Signed kinds are differences and carry + or -.

    `page` and `sheet` say where it is shown: pages merge p10 and p90, the workbook keeps them.
    """

    name: str
    label: str
    kind: Kind
    page: bool = True
    sheet: bool = True


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
    """A whole pack's content. `front_*` is page one, `chapters` what stands behind it."""

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
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def tables(self) -> list[Table]:
        """Every table once, the front one first."""
        behind = [table for chapter in self.chapters for table in chapter.tables]
        return [*([self.front_table] if self.front_table else []), *behind]


def is_missing(value: Any) -> bool:
    """None, NaN and NaT."""
    return value is None or bool(pd.isna(value))


def cell(column: Column, row: Row, lang: Language) -> str:
    """How the row's value is written for a reader; suppressed ones by the catalogue's sign."""
    if column.kind == "interval":
        return _interval(row, lang)
    value = row.values.get(column.name)
    if is_missing(value):
        hidden = row.suppressed and column.kind != "text"
        return lang.text("format.suppressed" if hidden else "format.missing")
    writers: dict[Kind, Callable[[Any], str]] = {
        "text": str,
        "millions": lang.millions,
        "signed": lambda amount: lang.signed(lang.millions, amount),
        "kroner": lang.number,
        "persons": lambda persons: lang.number(persons, 1),
        "signed_persons": lambda persons: lang.signed(lambda some: lang.number(some, 1), persons),
        "count": lang.number,
        "percent": lambda share: lang.percent(share, 1),
        "signed_percent": lambda share: lang.signed(lambda some: lang.percent(some, 1), share),
        "date": lang.month,
    }
    return writers[column.kind](value)


def _interval(row: Row, lang: Language) -> str:
    low, high = row.values.get("p10"), row.values.get("p90")
    if is_missing(low) or is_missing(high):
        return lang.text("format.suppressed" if row.suppressed else "format.missing")
    return lang.text("format.interval", low=lang.millions(low), high=lang.millions(high))
