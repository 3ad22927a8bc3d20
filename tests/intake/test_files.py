"""Files as text: row numbers, odd shapes, encodings, Parquet."""

from pathlib import Path

import duckdb
import pytest

from orchestration.intake.files import UnreadableFileError, open_table
from orchestration.intake.files import csv_file as csv_reader
from orchestration.intake.forms import FileForm, NumberForm
from orchestration.intake.landing import UnknownEncodingError

Rows = list[tuple[object, ...]]


def read(path: Path, form: FileForm | None = None) -> tuple[list[str], Rows, list[tuple[int, str]]]:
    table = open_table(path, form or FileForm())
    rows: Rows = []
    for batch in table.batches:
        rows += zip(*(column.to_pylist() for column in batch.columns), strict=True)
    return table.header, rows, table.misshapen


def csv_file(folder: Path, content: str | bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'a,b\n1,"two\nlines"\n\n3,4\n , \n5,6\n')
    assert read(path)[1] == [(2, "1", "two\nlines"), (4, "3", "4"), (6, "5", "6")]


def test_surrounding_blanks_are_no_part_of_a_text(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b,c\n x\t,\u00a0y z\ufeff,z\n,  ,w \n")
    assert read(path)[1] == [(2, "x", "y z", "z"), (3, "", "", "w")]


def test_rows_of_another_shape_are_told_with_their_number(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b\n1,2\n3\n4,5\n6,7,8\n   \n9,10\n")
    _, rows, misshapen = read(path)
    assert rows == [(2, "1", "2"), (4, "4", "5"), (7, "9", "10")]
    assert misshapen == [(3, "1 / 2"), (5, "3 / 2")]


def test_a_row_of_separators_alone_is_blank_whatever_their_number(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'a,b,c\n1,2,3\n,\n,,,,,\n"",\n4,5,6\n')
    _, rows, misshapen = read(path)
    assert (rows, misshapen) == ([(2, "1", "2", "3"), (6, "4", "5", "6")], [])


def test_row_numbers_hold_over_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_reader, "_BLOCK", 64)
    lines = ["a,b"]
    expected, bad = [], []
    for number in range(2, 200):
        if number % 7 == 0:
            lines.append("only")
            bad.append(number)
        elif number % 11 == 0:
            lines.append("")
        elif number % 13 == 0:
            lines.append(f'{number},"x\ny"')
            expected.append((number, str(number), "x\ny"))
        else:
            lines.append(f"{number},x")
            expected.append((number, str(number), "x"))
    _, rows, misshapen = read(csv_file(tmp_path, "\n".join(lines) + "\n"))
    assert rows == expected
    assert [row for row, _ in misshapen] == bad


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends(tmp_path: Path, end: str, last: bool) -> None:
    path = csv_file(tmp_path, f"a,b{end}1,2{end}3,4{end if last else ''}")
    assert read(path)[1] == [(2, "1", "2"), (3, "3", "4")]


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    header, rows, _ = read(csv_file(tmp_path, b"\xef\xbb\xbfa,b\n1,2\n"))
    assert (header, rows) == (["a", "b"], [(2, "1", "2")])


def test_the_first_encoding_that_fits_is_used(tmp_path: Path) -> None:
    form = FileForm(separator=";", encodings=("utf-8-sig", "cp1252"))
    for encoding in ("utf-8", "cp1252"):
        path = csv_file(tmp_path, "År;Ø\nærø;å\n".encode(encoding))
        assert read(path, form)[:2] == (["År", "Ø"], [(2, "ærø", "å")])


def test_no_encoding_fits(tmp_path: Path) -> None:
    with pytest.raises(UnknownEncodingError):
        read(csv_file(tmp_path, "a\næ\n".encode("cp1252")))


def test_quotes_inside_values(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'a,b\n1,"x ""q"" y, z"\n2,5" pipe\n')
    assert read(path)[1] == [(2, "1", 'x "q" y, z'), (3, "2", '5" pipe')]


@pytest.mark.parametrize(
    "content",
    [
        'a,b\n1,"never closed\n2,3\n4,5\n',
        'a,b,c\n1,"never closed,3\n2,3,4\n5,6,7\n',
        'a,b,c\n1,"opened,3\n2,"closed",4\n5,6,7\n',
    ],
)
def test_a_quote_that_swallows_rows_is_no_value(tmp_path: Path, content: str) -> None:
    with pytest.raises(UnreadableFileError, match="row 2: a quotation mark"):
        read(csv_file(tmp_path, content))


def test_a_quote_that_swallows_more_than_a_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_reader, "_BLOCK", 64)
    with pytest.raises(UnreadableFileError, match="quotation mark"):
        read(csv_file(tmp_path, 'a,b\n1,"x\n' + "2,3\n" * 100))


def test_separators_at_the_end_of_every_row(tmp_path: Path) -> None:
    header, rows, misshapen = read(csv_file(tmp_path, "a,b\n1,2,,\n3,4,,\n"))
    assert header == ["a", "b", "", ""]
    assert [row[:3] for row in rows] == [(2, "1", "2"), (3, "3", "4")]
    assert misshapen == []
    header, rows, _ = read(csv_file(tmp_path, "a,b,\n1,2,\n"))
    assert [row[:3] for row in rows] == [(2, "1", "2")]


def test_nul_bytes_fail_their_row(tmp_path: Path) -> None:
    _, rows, misshapen = read(csv_file(tmp_path, b"a,b\n1,2\n\x00\x00,3\n4,5\n"))
    assert rows == [(2, "1", "2"), (4, "4", "5")]
    assert misshapen == [(3, "NUL")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"\n1,2\n", "row 1 is blank"),
        (b"\n", "blank"),
        ("a,b\n1,2\n".encode("utf-16"), "not a text file"),
        (b"P\0K\0\n", "not a text file"),
    ],
)
def test_files_without_a_header(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(UnreadableFileError, match=why):
        read(csv_file(tmp_path, content), FileForm(encodings=("utf-8", "cp1252", "latin-1")))


@pytest.mark.parametrize("content", ["a,b", "a,b\n", "a,b\n\n\n"])
def test_a_header_alone_is_an_empty_table(tmp_path: Path, content: str) -> None:
    assert read(csv_file(tmp_path, content)) == (["a", "b"], [], [])


def parquet(folder: Path, select: str) -> Path:
    path = folder / "file.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"copy ({select}) to '{path.as_posix()}' (format parquet)")
    return path


def test_parquet_types_become_the_texts_a_csv_would_hold(tmp_path: Path) -> None:
    path = parquet(
        tmp_path,
        "select 5282010010003146::double as account, 2024::double as year, 1234.5::double as x,"
        " 'nan'::double as nan, 12.30::decimal(18,2) as m, date '2024-02-03' as d,"
        " timestamp '2024-02-03' as midnight, timestamp '2024-02-03 10:11:12' as t,"
        " true as yes, null::integer as nothing, 101901234::bigint as cpr, 16777217::float as f",
    )
    texts = ("5282010010003146", "2024", "1234.5", "", "12.30", "2024-02-03", "2024-02-03")
    more = ("2024-02-03T10:11:12", "true", "", "101901234")
    assert read(path)[1][0][1:12] == texts + more
    assert read(path)[1][0][12] == "16777216.0"  # not exact in a narrow float: left visible


def test_parquet_is_written_in_the_words_of_the_profile(tmp_path: Path) -> None:
    form = FileForm(
        number=NumberForm(decimal=",", thousands="."),
        dates=("%d-%m-%Y",),
        true=("ja",),
        false=("nej",),
    )
    path = parquet(
        tmp_path, "select 1.234::decimal(9,3) as m, 1.5::double as x, date '2024-02-03' as d, false"
    )
    assert read(path, form)[1] == [(2, "1,234", "1,5", "03-02-2024", "nej")]


def test_what_only_calls_itself_parquet(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(UnreadableFileError, match="not a Parquet file"):
        read(path)
