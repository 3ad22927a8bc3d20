"""Workbooks as text: typed cells, title rows, merged headers, totals, errors, sheets."""

import datetime
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import openpyxl
import openpyxl.utils.datetime
import pytest
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

from orchestration.intake.files import Table, UnreadableFileError, open_table
from orchestration.intake.files import excel as excel_reader
from orchestration.intake.forms import FileForm, NumberForm

DANISH = FileForm(
    number=NumberForm(decimal=",", thousands="."),
    dates=("%d-%m-%Y",),
    timestamps=("%d-%m-%Y %H:%M",),
    open_ends=("31-12-9999",),
    true=("ja",),
    false=("nej",),
)
DAY = datetime.date(2024, 2, 3)
KNOWN = frozenset({"nr", "beløb", "dato", "ydelsestart", "ydelseslut"})


def book(folder: Path, fill: Callable[[Worksheet], None], name: str = "a.xlsx") -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    fill(sheet)
    path = folder / name
    workbook.save(path)
    return path


def changed(path: Path, old: bytes, new: bytes) -> None:
    """Put into the first sheet what the libraries that write workbooks do not write."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old in members[sheet]
    members[sheet] = members[sheet].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def with_rows(*rows: Iterable[object]) -> Callable[[Worksheet], None]:
    return lambda sheet: [sheet.append(list(row)) for row in rows] and None


def rows_of(table: Table) -> list[tuple[object, ...]]:
    return [
        row
        for batch in table.batches
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    ]


def read(
    path: Path, form: FileForm = DANISH, known: frozenset[str] = KNOWN
) -> tuple[list[str], list[tuple[object, ...]]]:
    table = open_table(path, form, known)
    return table.header, rows_of(table)


def test_typed_cells_are_written_in_the_words_of_the_profile(tmp_path: Path) -> None:
    values = [1234.5, -7, DAY, datetime.datetime.fromisoformat("2024-02-03T10:11:00"), True, False]
    path = book(tmp_path, with_rows("abcdef", values))
    texts = ("1234,5", "-7", "03-02-2024", "03-02-2024 10:11", "ja", "nej")
    assert read(path) == (list("abcdef"), [(2, *texts)])


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1 + 0.2, "0,30000000000000004"),
        (1e-7, "0,0000001"),
        (101901234, "101901234"),
        (528201001000314, "528201001000314"),
        (5282010010003146, "5282010010003146"),  # no workbook of Excel's holds sixteen digits
        (5282010010003140, "5,28201001000314E+15"),  # so that these may have been another number
        (12345678901234567890, "1,23456789012346E+19"),
        (-0.0, "0"),
    ],
)
def test_numbers_keep_all_their_digits(tmp_path: Path, number: float, text: str) -> None:
    path = book(tmp_path, with_rows(["nr"], [1]))
    changed(path, b"<v>1</v>", f"<v>{number!r}</v>".encode())
    assert read(path)[1] == [(2, text)]


def test_title_rows_stand_above_the_header(tmp_path: Path) -> None:
    rows = (["Udtræk af posteringer"], ["Dato", DAY], [], ["Nr", "Beløb", "Dato"], [1, 2.5, DAY])
    path = book(tmp_path, with_rows(*rows))
    found = (["Nr", "Beløb", "Dato"], [(5, "1", "2,5", "03-02-2024")])
    assert read(path, DANISH.model_copy(update={"title_rows": "auto"})) == found
    assert read(path, DANISH.model_copy(update={"title_rows": 3})) == found


def test_a_header_that_is_there_twice_is_not_guessed(tmp_path: Path) -> None:
    path = book(tmp_path, with_rows(["Nr", "Beløb"], [1, 2], ["Nr", "Beløb"], [3, 4]))
    form = DANISH.model_copy(update={"title_rows": "auto"})
    with pytest.raises(UnreadableFileError, match="rows 1 and 3 could both"):
        read(path, form)
    with pytest.raises(UnreadableFileError, match="none of its first 50 rows"):
        read(path, form, frozenset({"andet"}))


def test_a_header_of_two_rows_with_merged_cells(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["Udtræk"])
        sheet.append(["Nr", "Ydelse", None, "Beløb"])
        sheet.append([None, "start", "slut", None])
        sheet.append([1, DAY, DAY, 5])
        sheet.merge_cells("B2:C2")
        sheet.merge_cells("A2:A3")
        sheet.merge_cells("D2:D3")

    form = DANISH.model_copy(update={"title_rows": "auto", "header_rows": 2})
    header, rows = read(book(tmp_path, fill), form)
    assert header == ["Nr", "Ydelse start", "Ydelse slut", "Beløb"]
    assert rows == [(4, "1", "03-02-2024", "03-02-2024", "5")]


def test_totals_are_no_data_and_are_kept_apart(tmp_path: Path) -> None:
    rows = (["Nr", "Beløb"], ["P1", 2], [None, None], ["I alt", 2], [None, "Antal: 1"])
    form = DANISH.model_copy(update={"totals": ("i alt", "antal")})
    table = open_table(book(tmp_path, with_rows(*rows)), form, KNOWN)
    assert rows_of(table) == [(2, "P1", "2")]
    assert [(total.row, total.texts) for total in table.totals] == [
        (4, ("I alt", "2")),
        (5, ("", "Antal: 1")),
    ]
    assert table.set_aside == 2


def test_hidden_rows_and_columns_are_data(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (["Nr", "Beløb"], [1, 2], [3, 4]):
            sheet.append(row)
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["B"].hidden = True
        sheet.auto_filter.ref = "A1:B3"

    assert read(book(tmp_path, fill))[1] == [(2, "1", "2"), (3, "3", "4")]


def test_cells_beside_the_corner_keep_their_place(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["C4"], sheet["D4"], sheet["C6"], sheet["D6"] = "Nr", "Beløb", 1, 2

    form = DANISH.model_copy(update={"title_rows": "auto"})
    assert read(book(tmp_path, fill), form) == (["", "", "Nr", "Beløb"], [(6, "", "", "1", "2")])


def test_errors_and_formulas_without_a_value_are_not_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["nr", "beløb", "dato"])
        sheet.write_row(1, 0, [1, 2, 3])
        sheet.write_formula(1, 1, "=1/0", value="#DIV/0!")
        sheet.write_formula(2, 0, "=A1", value=7)
    assert read(path)[1] == [(2, "1", "#DIV/0!", "3"), (3, "7", "", "")]
    changed(path, b'<c r="A3"><f>A1</f><v>7</v></c>', b'<c r="A3" t="str"><f>""</f><v></v></c>')
    assert read(path)[1] == [(2, "1", "#DIV/0!", "3")]  # a formula that gives an empty text
    never = book(tmp_path, with_rows(["nr", "beløb"], [1, "=A1+1"], ["=1+1"]), "b.xlsx")
    assert read(never)[1] == [(2, "1", "#CALC!"), (3, "#CALC!", "")]


def test_dates_of_every_epoch_and_open_ends(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    assert workbook.active is not None
    workbook.active.append(["dato"])
    workbook.active.append([DAY])
    workbook.save(tmp_path / "mac.xlsx")
    assert read(tmp_path / "mac.xlsx")[1] == [(2, "03-02-2024")]
    short = DANISH.model_copy(update={"dates": ("%d-%m-%y", "%d-%m-%Y")})
    path = book(tmp_path, with_rows(["dato"], [datetime.date(9999, 12, 31)], [DAY]))
    assert read(path, short)[1] == [(2, "31-12-9999"), (3, "03-02-2024")]


def sheets(folder: Path, **contents: list[list[object]]) -> Path:
    workbook = openpyxl.Workbook()
    assert workbook.active is not None
    workbook.remove(workbook.active)
    for name, rows in contents.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = folder / "sheets.xlsx"
    workbook.save(path)
    return path


def test_the_sheet_is_the_declared_one_or_the_only_one_that_is_known(tmp_path: Path) -> None:
    guide: list[list[object]] = [["Sådan læses arket"]]
    data: list[list[object]] = [["Nr", "Beløb"], [1, 2]]
    path = sheets(tmp_path, Vejledning=guide, Data=data, Tomt=[])
    assert read(path)[1] == [(2, "1", "2")]
    path = sheets(tmp_path, Data=data, Gammel=data)
    with pytest.raises(UnreadableFileError, match="Data, Gammel could all be meant"):
        read(path)
    assert read(path, DANISH.model_copy(update={"sheet": "gammel"}))[1] == [(2, "1", "2")]
    with pytest.raises(UnreadableFileError, match="no sheet Andet"):
        read(path, DANISH.model_copy(update={"sheet": "Andet"}))
    with pytest.raises(UnreadableFileError, match="none of its 2 sheets"):
        read(sheets(tmp_path, A=guide, B=[]))


def test_rows_keep_their_numbers_over_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel_reader, "_BATCH", 7)
    numbers = [n if n % 5 else None for n in range(2, 60)]
    path = book(tmp_path, with_rows(["nr"], *([n] for n in numbers)))
    assert read(path)[1] == [(n, str(n)) for n in numbers if n]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"<html><table></table></html>", "web page"),
        (b"nr;beloeb\n1;2\n", "no workbook"),
        (b"PK\x03\x04 broken off", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged"),
    ],
)
def test_what_only_calls_itself_a_workbook(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=why):
        read(path)


def test_a_workbook_is_known_under_any_name(tmp_path: Path) -> None:
    path = book(tmp_path, with_rows(["Nr"], [1]), "a.xlsx").rename(tmp_path / "a.csv")
    assert read(path)[1] == [(2, "1")]


def test_a_workbook_that_breaks_off_or_grows_without_end(tmp_path: Path) -> None:
    path = book(tmp_path, with_rows(["Nr"], *([n] for n in range(50_000))))
    with pytest.raises(UnreadableFileError, match="max_workbook_mb is 1"):
        read(path, DANISH.model_copy(update={"max_workbook_mb": 1}))
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(UnreadableFileError, match="damaged"):
        read(path)


def test_a_workbook_that_is_damaged_anywhere_is_refused_and_nothing_else(tmp_path: Path) -> None:
    whole = book(tmp_path, with_rows(["Nr"], [1])).read_bytes()
    directory = whole.rindex(b"PK\x01\x02")
    newest, torn = bytearray(whole), bytearray(whole)
    newest[directory + 6] = 200  # the version of the format that it needs
    torn[directory] = 0
    for content in (newest, torn):
        path = tmp_path / "damaged.xlsx"
        path.write_bytes(content)
        with pytest.raises(UnreadableFileError, match="damaged"):
            read(path)
