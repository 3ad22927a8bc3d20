"""Fixed-width files: positions, record types, header and trailer."""

from pathlib import Path

import pytest

from orchestration.intake.files import Table, UnreadableFileError, open_table
from orchestration.intake.files import fixed_width as reader
from orchestration.intake.forms import FileForm, FixedColumn, FixedWidth

COLUMNS = (
    FixedColumn(name="Dato", start=4, width=8),
    FixedColumn(name="Beløb", start=12, width=7),
    FixedColumn(name="Fortegn", start=19, width=1),
    FixedColumn(name="Tekst", start=20, width=6),
)
LAYOUT = FixedWidth(
    columns=COLUMNS,
    records="G69",
    header="Z300",
    trailer=r"SLUTD\s*(?P<count>[0-9]+)",
    others="G68",
)
HEADER = "Z300 390 20240201"
ROW = "G69202402030012345-Ærø   "


def opened(folder: Path, lines: list[str], layout: FixedWidth = LAYOUT, **form: object) -> Table:
    path = folder / "PRISME.txt"
    encodings = ("utf-8-sig", "cp1252", "cp865")
    path.write_text("\n".join(lines), form.pop("written", "utf-8"))  # type: ignore[arg-type]
    return open_table(path, FileForm(fixed_width=layout, encodings=encodings, **form))  # type: ignore[arg-type]


def rows(table: Table) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for batch in table.batches:
        found += zip(*(column.to_pylist() for column in batch.columns), strict=True)
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_columns_are_cut_by_characters(tmp_path: Path, encoding: str) -> None:
    table = opened(tmp_path, [HEADER, ROW, "G68 noget andet", ROW, "SLUTD 2"], written=encoding)
    assert table.header == ["Dato", "Beløb", "Fortegn", "Tekst"]
    cut = ("20240203", "0012345", "-", "Ærø")
    assert rows(table) == [(2, *cut), (4, *cut)]
    assert (table.misshapen, table.set_aside) == ([], 1)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([HEADER, ROW], "trailer is missing"),
        ([HEADER, ROW, "SLUTD 2"], "counts 2 rows, and it has 1"),
        ([ROW, "SLUTD 1"], "not the header"),
        ([HEADER, ROW, "SLUTD 1", ROW], "row 4 stands after the trailer"),
        ([], "empty"),
    ],
)
def test_a_file_that_breaks_off_is_noticed(tmp_path: Path, lines: list[str], why: str) -> None:
    with pytest.raises(UnreadableFileError, match=why):
        rows(opened(tmp_path, lines))


def test_lines_of_another_shape_are_told_with_their_number(tmp_path: Path) -> None:
    lines = [
        HEADER,
        ROW[:20],
        ROW,
        "G70 hvad er det",
        "",
        ROW.replace("3", "\0"),
        "SLUTD 4",
        "\x1a",
    ]
    table = opened(tmp_path, lines)
    assert [row[0] for row in rows(table)] == [3]
    assert table.misshapen == [(2, "20 / 25"), (4, "?"), (6, "NUL")]


def test_lines_may_lose_their_trailing_blanks_where_that_is_declared(tmp_path: Path) -> None:
    layout = FixedWidth(columns=COLUMNS, padded=False)
    found = rows(opened(tmp_path, ["G69202402030012345-Ærø", "G6920240203"], layout))
    assert found == [
        (1, "20240203", "0012345", "-", "Ærø"),
        (2, "20240203", "", "", ""),
    ]


def test_rows_keep_their_numbers_over_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_BATCH", 3)
    lines = [HEADER, *([ROW, ""] * 10), "SLUTD 10"]
    assert [row[0] for row in rows(opened(tmp_path, lines))] == list(range(2, 22, 2))


def test_totals_are_set_aside_in_every_format(tmp_path: Path) -> None:
    layout = FixedWidth(columns=COLUMNS, padded=False)
    table = opened(tmp_path, [ROW, "   I alt   0012345"], layout, totals=("i alt",))
    assert [row[0] for row in rows(table)] == [1]
    assert [total.texts for total in table.totals] == [("I alt", "0012345", "", "")]


def test_a_fixed_width_file_needs_its_columns(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs fixed_width"):
        FileForm(format="fixed_width")
