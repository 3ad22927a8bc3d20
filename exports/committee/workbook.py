"""`tal.xlsx`: every table of the pack on a sheet of its own, with native charts.

Belongs here: the workbook's form: one table per sheet from A1, no merged cells, amounts in DKK with
number formats (Excel shows the separators of the reader's machine). Not here: the numbers.
The same report gives the same bytes: the creation date is the run's as-of date.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from exports.committee.model import Column, Kind, Row, Table, is_hidden, is_missing
from exports.language import Language

FORMATS: Mapping[Kind, str] = {
    "millions": "#,##0",
    "signed": "+#,##0;-#,##0;0",
    "kroner": "#,##0",
    "persons": "#,##0.0",
    "signed_persons": "+#,##0.0;-#,##0.0;0.0",
    "count": "#,##0",
    "percent": "0.0%",
    "signed_percent": "+0.0%;-0.0%;0.0%",
    "date": "mmm yyyy",
}
UNITS: Mapping[Kind, str] = {
    "millions": "unit_kroner",
    "signed": "unit_kroner",
    "kroner": "unit_kroner",
    "persons": "unit_persons",
    "signed_persons": "unit_persons",
    "count": "unit_count",
    "percent": "unit_percent",
    "signed_percent": "unit_percent",
    "date": "unit_date",
    "text": "unit_text",
    "interval": "unit_kroner",
}
COLORS = {"budget": "#7B8794", "expected": "#0B4F6C", "actual": "#1C2733"}
CHART_SIZE = {"width": 900, "height": 380}
# The first sheet: widths of its columns in signs, and the height of one line in points.
README_WIDTHS = (28, 100)
LINE_HEIGHT = 15


def unit(column: Column, lang: Language) -> str:
    """The unit of a column's raw values."""
    return lang.text(f"committee.workbook.{UNITS[column.kind]}")


def render_workbook(
    tables: Sequence[Table],
    about: Sequence[tuple[str, str]],
    as_of: date,
    mark: str,
    lang: Language,
) -> bytes:
    """The workbook's bytes. `about`: label and value, one line each, on the first sheet. `mark`:
    what stands over every printed page, if anything."""
    target = BytesIO()
    options = {
        "in_memory": True,
        "default_date_format": "mmm yyyy",
        # What an economist writes is text, whatever sign it begins with.
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(target, options)
    made = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC).replace(tzinfo=None)
    book.set_properties({"title": about[0][1], "created": made, "language": lang.code})
    formats = {kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()}
    formats["interval"] = book.add_format({"align": "right"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    _readme(book, tables, about, wrap, lang)
    for table in tables:
        sheet = book.add_worksheet(_sheet_name(table, lang))
        _fill(sheet, table, formats, wrap, lang)
        _charts(book, sheet, table, lang)
    if mark:
        for sheet in book.worksheets():
            sheet.set_header(f"&C&14&B{mark}")
    book.close()
    return target.getvalue()


def _sheet_name(table: Table, lang: Language) -> str:
    return lang.text(f"committee.workbook.sheet.{table.name}")


def _readme(
    book: xlsxwriter.Workbook,
    tables: Sequence[Table],
    about: Sequence[tuple[str, str]],
    wrap: Format,
    lang: Language,
) -> None:
    sheet = book.add_worksheet(lang.text("committee.workbook.readme"))
    named = [(_sheet_name(table, lang), f"{table.title}. {table.note}") for table in tables]
    lines = [*about, *named]
    heads = [lang.text("committee.workbook.about"), lang.text("committee.column.value")]
    sheet.add_table(
        0,
        0,
        len(lines),
        1,
        {
            "name": "about",
            "data": [list(line) for line in lines],
            "columns": [{"header": head, "format": wrap} for head in heads],
            "autofilter": False,
            "style": "Table Style Light 1",
        },
    )
    for position, width in enumerate(README_WIDTHS):
        sheet.set_column(position, position, width)
    for number, line in enumerate(lines, start=1):
        # Excel does not fit a row to its text by itself when the file is made elsewhere.
        height = max(
            sum(max(1, math.ceil(len(part) / (0.9 * width))) for part in text.split("\n"))
            for text, width in zip(line, README_WIDTHS, strict=True)
        )
        sheet.set_row(number, LINE_HEIGHT * height)
    _for_paper(sheet)


def _fill(
    sheet: Worksheet, table: Table, formats: Mapping[Kind, Format], wrap: Format, lang: Language
) -> None:
    columns = table.sheet_columns
    headers = [_header(column, lang) for column in columns]
    sheet.add_table(
        0,
        0,
        len(table.rows),
        len(columns) - 1,
        {
            "name": f"tbl_{table.name}",
            "columns": [{"header": header, "header_format": wrap} for header in headers],
            "style": "Table Style Light 1",
        },
    )
    for number, row in enumerate(table.rows, start=1):
        for position, column in enumerate(columns):
            _write(sheet, number, position, column, row, formats, lang)
    sheet.freeze_panes(1, 1)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, 46 if position == 0 and column.kind == "text" else 17)
    sheet.set_row(0, 32)
    _for_paper(sheet)


def _for_paper(sheet: Worksheet) -> None:
    """A4 across, all columns on one page wide."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _header(column: Column, lang: Language) -> str:
    if column.kind in ("text", "date"):
        return column.label
    label = column.label.replace("\u00ad", "")
    written = unit(column, lang)
    return label if label.endswith(f", {written}") else f"{label} ({written})"


def _write(
    sheet: Worksheet,
    number: int,
    position: int,
    column: Column,
    row: Row,
    formats: Mapping[Kind, Format],
    lang: Language,
) -> None:
    value: Any = row.values.get(column.name)
    if is_missing(value):
        if is_hidden(column, row):
            sheet.write_string(
                number, position, lang.text("format.suppressed"), formats["interval"]
            )
        return
    if column.kind == "text":
        sheet.write_string(number, position, str(value))
    elif column.kind == "date":
        sheet.write_datetime(number, position, pd.Timestamp(value).to_pydatetime(), formats["date"])
    else:
        sheet.write_number(number, position, float(value), formats[column.kind])


def _charts(book: xlsxwriter.Workbook, sheet: Worksheet, table: Table, lang: Language) -> None:
    if table.name == "outturn_function":
        names = [("adjusted_budget", "budget"), ("mean", "expected")]
        _chart(book, sheet, table, "column", names, "chart_functions", lang)
    if table.name == "months":
        names = [("actual", "actual"), ("mean", "expected"), ("budget_month", "budget")]
        _chart(book, sheet, table, "line", names, "chart_months", lang)


def _chart(
    book: xlsxwriter.Workbook,
    sheet: Worksheet,
    table: Table,
    kind: str,
    names: Sequence[tuple[str, str]],
    title: str,
    lang: Language,
) -> None:
    """A native chart under the table; suppressed cells are text, which Excel draws as nothing.

    No chart where the table has nothing but its total.
    """
    rows = [number for number, row in enumerate(table.rows, start=1) if not row.strong]
    if not rows:
        return
    columns = [column.name for column in table.sheet_columns]
    chart = book.add_chart({"type": kind})
    for name, color in names:
        position = columns.index(name)
        style = {"fill": {"color": COLORS[color]}} if kind == "column" else {}
        dashed = {"dash_type": "dash"} if color == "budget" else {}
        line = {"line": {"color": COLORS[color], "width": 2, **dashed}} if kind == "line" else {}
        chart.add_series(
            {
                "name": [sheet.get_name(), 0, position],
                "categories": [sheet.get_name(), rows[0], 0, rows[-1], 0],
                "values": [sheet.get_name(), rows[0], position, rows[-1], position],
                **style,
                **line,
            }
        )
    text = lang.text(f"committee.workbook.{title}")
    chart.set_title({"name": text, "overlay": False, "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    if kind == "line":
        chart.set_x_axis({"date_axis": True, "num_format": "mmm yyyy", "major_unit": 6})
    chart.set_y_axis({"num_format": "#,##0.0,,", "major_gridlines": {"visible": True}})
    chart.set_size(CHART_SIZE)
    options = {"description": f"{text}. {table.title}", "object_position": 2}
    sheet.insert_chart(len(table.rows) + 2, 0, chart, options)
