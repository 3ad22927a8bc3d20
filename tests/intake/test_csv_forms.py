"""CSV in every form that a profile declares: separators, titles, headers, encodings, UTF-16."""

import csv
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.intake.files import Table, UnreadableFileError, open_table
from orchestration.intake.files.csv_file import SEPARATORS
from orchestration.intake.files.table import CutOffFileError
from orchestration.intake.forms import FileForm
from orchestration.intake.landing import UnknownEncodingError

HEADER = ["Nr", "Beløb", "Tekst"]
KNOWN = frozenset({"nr", "beløb", "tekst"})
AUTO = FileForm(separator="auto", title_rows="auto")
WIDE = FileForm(encodings=("utf-8-sig", "utf-16-le", "utf-16-be", "cp1252"))

Rows = list[tuple[object, ...]]


def rows_of(table: Table) -> Rows:
    return [
        row
        for batch in table.batches
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    ]


def read(path: Path, form: FileForm) -> tuple[list[str], Rows]:
    table = open_table(path, form, KNOWN)
    rows = rows_of(table)
    assert table.misshapen == []
    return [name.strip("\ufeff ") for name in table.header], rows


def file_of(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


# -- one table in every form ----------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """How a table is written, and by which form it is read."""

    encoding: str
    mark: bytes
    separator: str
    end: str
    titles: list[list[str]]
    header_rows: int
    guessed: bool
    ended: bool

    def form(self) -> FileForm:
        return FileForm(
            separator="auto" if self.guessed else self.separator,
            encodings=(self.encoding,),
            title_rows="auto" if self.guessed else len(self.titles),
            header_rows=self.header_rows,
        )

    def content(self, rows: list[list[str]]) -> bytes:
        text = io.StringIO(newline="")
        header = [["Nr", "", ""], ["", "Beløb", "Tekst"]] if self.header_rows == 2 else [HEADER]
        writer = csv.writer(text, delimiter=self.separator, lineterminator=self.end)
        writer.writerows([*self.titles, *header, *rows])
        whole = text.getvalue()
        return self.mark + (whole if self.ended else whole.removesuffix(self.end)).encode(
            self.encoding
        )


ENCODINGS = [
    *(("utf-8-sig", b""), ("cp1252", b""), ("cp865", b""), ("cp850", b""), ("utf-16", b"")),
    *(("utf-16-le", b""), ("utf-16-be", b""), ("utf-16-le", b"\xff\xfe")),
    ("utf-16-be", b"\xfe\xff"),
]
TEXTS = st.text("abæøÅ12 ,;\t|\"'\n", max_size=6)
TITLES = [["Udtræk"], ["Dato", "1. maj"], ["", "", "", ""]]
FORMS = st.builds(
    lambda encoding, **rest: Written(encoding[0], encoding[1], **rest),
    encoding=st.sampled_from(ENCODINGS),
    separator=st.sampled_from(SEPARATORS),
    end=st.sampled_from(["\n", "\r\n"]),
    titles=st.lists(
        st.sampled_from([["Udtræk"], ["Dato", "1. maj"], ["", "", "", ""]]), max_size=3
    ),
    header_rows=st.sampled_from([1, 2]),
    guessed=st.booleans(),
    ended=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.lists(TEXTS, min_size=3, max_size=3), max_size=5), form=FORMS)
def test_one_table_in_every_form_is_the_same_rows(rows: list[list[str]], form: Written) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain = Written("utf-8-sig", b"", ",", "\n", [], 1, False, True)
        expected = read(file_of(Path(folder), plain.content(rows)), plain.form())[1]
        header, found = read(file_of(Path(folder), form.content(rows)), form.form())
    lower = len(form.titles) + form.header_rows - 1
    assert header == HEADER
    assert found == [(int(str(row[0])) + lower, *row[1:]) for row in expected]


# -- separators -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("Nr\n1\n", "could all be its separator; set separator"),
        ("Nr;Beløb,Tekst\n1;2,3\n", "';' and ',' could all be its separator"),
        ("andet;noget\n1;2\n", "under no separator"),
    ],
)
def test_a_separator_is_never_guessed(tmp_path: Path, content: str, why: str) -> None:
    with pytest.raises(UnreadableFileError, match=why):
        open_table(file_of(tmp_path, content), FileForm(separator="auto"), KNOWN)


def test_a_decimal_comma_is_no_separator(tmp_path: Path) -> None:
    path = file_of(tmp_path, "Beløb i kr., i alt\nNr;Beløb\n1;2,50\n")
    assert read(path, AUTO) == (["Nr", "Beløb"], [(3, "1", "2,50")])


# -- titles ---------------------------------------------------------------------------------


def test_a_header_that_is_there_twice_is_not_guessed(tmp_path: Path) -> None:
    path = file_of(tmp_path, "Nr;Beløb\n1;2\nNr;Beløb\n3;4\n")
    with pytest.raises(UnreadableFileError, match="rows 1 and 3 could both"):
        read(path, AUTO)


def test_titles_beyond_the_end_leave_no_header(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="no header"):
        read(file_of(tmp_path, "Nr,Beløb\n1,2\n"), FileForm(title_rows=7))


def test_title_rows_are_not_misshapen_but_short_rows_below_are(tmp_path: Path) -> None:
    path = file_of(tmp_path, "Udtræk\nperiode;1;2;3\nNr;Beløb\n1;2\nkort\n3;4\n")
    table = open_table(path, AUTO, KNOWN)
    assert rows_of(table) == [(4, "1", "2"), (6, "3", "4")]
    assert table.misshapen == [(5, "1 / 2")]


# -- UTF-16 ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_utf16_and_eight_bits_are_told_apart(tmp_path: Path, encoding: str) -> None:
    path = file_of(tmp_path, "Nr,Beløb\nærø,å1\n", encoding)
    assert read(path, WIDE) == (["Nr", "Beløb"], [(2, "ærø", "å1")])


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Nr,Beløb\n1,2\n".encode("utf-16-be"), "utf-16-le"),
        ("Nr,Beløb\n1,2\n".encode("utf-16"), "utf-16-be"),
        ("Nr,Beløb\n1,2\n".encode("utf-16-le"), "utf-16"),  # no mark: the order is not guessed
        ("Nr,Beløb\n1,2\n".encode("utf-16-le")[:-1], "utf-16-le"),
        ("Nr,Beløb\n1,2 \n".encode("cp1252"), "utf-16-le"),
    ],
)
def test_what_is_not_the_utf16_declared_is_not_read(
    tmp_path: Path, content: bytes, encoding: str
) -> None:
    with pytest.raises(UnknownEncodingError):
        read(file_of(tmp_path, content), FileForm(encodings=(encoding,)))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp865"])
@pytest.mark.parametrize("last", ["3", '3,"ikke lukket'])
def test_a_transfer_that_breaks_off_is_noticed(tmp_path: Path, encoding: str, last: str) -> None:
    path = file_of(tmp_path, f"Nr,Beløb\n1,2\n{last}", encoding)
    with pytest.raises(CutOffFileError):
        read(path, FileForm(encodings=(encoding,)))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_a_line_end_in_half_a_letter_is_none(tmp_path: Path, encoding: str) -> None:
    """`Ċ` (U+010A) holds the byte of a line end; it ends no line."""
    with pytest.raises(CutOffFileError):
        read(file_of(tmp_path, "Nr,Beløb\n1,2\n3Ċ", encoding), FileForm(encodings=(encoding,)))


def test_nul_characters_fail_their_row(tmp_path: Path) -> None:
    path = file_of(tmp_path, "Nr,Beløb\n1,2\n\0,3\n4,5\n", "utf-16")
    table = open_table(path, FileForm(encodings=("utf-16",)), KNOWN)
    assert rows_of(table) == [(2, "1", "2"), (4, "4", "5")]
    assert table.misshapen == [(3, "NUL")]


def test_the_sign_for_the_end_of_a_file_is_no_row(tmp_path: Path) -> None:
    path = file_of(tmp_path, "Nr,Beløb\n1,2\n\x1a")
    assert read(path, FileForm()) == (["Nr", "Beløb"], [(2, "1", "2")])
