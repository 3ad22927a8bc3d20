"""Real workbooks of every format give the rows of the same workbook as .xlsx.

`workbooks/ledger.*` hold the same sheet: title rows, a header of two rows with merged cells, days
and moments, an open end, Danish numbers as text, a number with the noise of a binary calculation,
two error cells, a formula, a blank row and a total. LibreOffice 7.4 wrote .xlsx, .xls and .ods; the
library pyxlsbwriter wrote .xlsb. It knows neither merged nor error cells, so its header repeats the
merged text and its error cells are empty.
"""

import shutil
from pathlib import Path

import pytest

from orchestration.intake.files import Table, UnreadableFileError, open_table
from orchestration.intake.forms import FileForm, NumberForm

BOOKS = Path(__file__).with_name("workbooks")
FORM = FileForm(
    number=NumberForm(decimal=",", thousands="."),
    dates=("%d-%m-%Y",),
    timestamps=("%d-%m-%Y %H:%M",),
    open_ends=("31-12-9999",),
    title_rows="auto",
    header_rows=2,
    totals=("i alt",),
)
KNOWN = frozenset({"nr", "ydelsestart", "ydelseslut", "belob", "konto", "tekst"})
HEADER = ["Nr", "Ydelse start", "Ydelse slut", "Beløb", "Konto", "Tekst", "Rettet", "Serie"]
_FIRST = ("03-02-2024", "29-02-2024", "1234,5", "528201001000314", 'Æblegrød; "x"')
_SECOND = ("01-03-2024", "31-12-9999", "-7", "5282010010003146", "to  blanke")
_FOURTH = ("02-03-2024", "03-03-2024", "0,3", "0,0000001", "fejl nedenfor")
ROWS = [
    (6, "P1", *_FIRST, "03-02-2024 10:11", "45325"),
    (7, "P2", *_SECOND, "01-03-2024", "45352"),
    (8, "P3", "31-12-1999", "", "1.234,50", "005282010", "", "", ""),
    (9, "P4", *_FOURTH, "02-03-2024 23:59", "45353,5"),
    (10, "P5", "04-03-2024", "", "#DIV/0!", "#N/A", "fejlceller", "", ""),
    (12, "P6", "05-03-2024", "", "1227,5", "101901234", "formel", "", "45356"),
]


def rows_of(table: Table) -> list[tuple[object, ...]]:
    return [
        row
        for batch in table.batches
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    ]


def opened(suffix: str) -> Table:
    return open_table(BOOKS / f"ledger{suffix}", FORM, KNOWN)


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])
def test_every_format_gives_the_same_rows(suffix: str) -> None:
    table = opened(suffix)
    assert table.header == HEADER
    assert rows_of(table) == ROWS
    assert [(total.row, total.texts[0]) for total in table.totals] == [(13, "I alt")]


def test_a_binary_workbook_gives_the_same_rows_but_for_its_error_cells() -> None:
    table = opened(".xlsb")
    assert table.header == HEADER
    told, untold = ROWS[4], (*ROWS[4][:4], "", "", *ROWS[4][6:])
    noise = "0,30000000000000004"  # LibreOffice rounds to fifteen digits, this library does not
    exact = [(*row[:4], noise, *row[5:]) if row[4] == "0,3" else row for row in ROWS]
    assert rows_of(table) == [untold if row == told else row for row in exact]


@pytest.mark.parametrize("suffix", [".xls", ".ods", ".xlsb"])
def test_a_format_is_known_under_another_name(tmp_path: Path, suffix: str) -> None:
    copy = tmp_path / "ledger.dat"
    shutil.copy(BOOKS / f"ledger{suffix}", copy)
    assert open_table(copy, FORM, KNOWN).header == HEADER


@pytest.mark.parametrize("suffix", [".xls", ".ods", ".xlsb"])
def test_a_workbook_that_breaks_off_or_is_damaged_is_refused_and_nothing_else(
    tmp_path: Path, suffix: str
) -> None:
    whole = (BOOKS / f"ledger{suffix}").read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 40)):
        cut, spoilt = tmp_path / f"cut{suffix}", tmp_path / f"spoilt{suffix}"
        cut.write_bytes(whole[:place])
        spoilt.write_bytes(whole[:place] + b"\xff\x00\xff\x7f" + whole[place + 4 :])
        for path in (cut, spoilt):
            try:
                rows_of(open_table(path, FORM, KNOWN))
            except UnreadableFileError as error:
                assert str(error)
