"""The list of persons, and finding them in files of any kind."""

import gzip
import zipfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from orchestration.privacy.persons import read_numbers
from orchestration.privacy.trails import NotSearchableError, Wanted, holds
from orchestration.settings import ConfigurationError

NUMBER, OTHER = "0101175234", "0201175234"
TOKEN = "0f" * 16
WANTED = Wanted.of([NUMBER], [TOKEN])


def given_file(folder: Path, content: bytes) -> Path:
    path = folder / "persons.txt"
    path.write_bytes(content)
    return path


def test_numbers_are_read_with_and_without_hyphen(tmp_path: Path) -> None:
    text = f"\ufeff# to be erased\n010117-5234\n\n{OTHER}  # moved\n101175234\n"
    assert read_numbers(given_file(tmp_path, text.encode())) == [NUMBER, OTHER]


def test_wrong_lines_are_named_by_their_place_alone(tmp_path: Path) -> None:
    path = given_file(tmp_path, f"{NUMBER}\n3113175234\nhello\n".encode())
    with pytest.raises(ConfigurationError, match="line 2, 3; correct") as error:
        read_numbers(path)
    assert "3113175234" not in str(error.value)
    assert "hello" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"# nobody\n", b"\xff\xfe0\x001\x00"])
def test_a_file_without_numbers_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ConfigurationError):
        read_numbers(given_file(tmp_path, content))


@pytest.mark.parametrize(
    "written", ["0101175234", "010117-5234", "101175234", "010117 5234", "10117-5234", TOKEN]
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_every_written_form_is_found(tmp_path: Path, written: str, encoding: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(f"navn;æø\nx;{written};12345-abcd\n".encode(encoding))
    assert holds(path, WANTED)
    path.write_bytes(f"navn;æø\nx;{OTHER};9{written}9\n".encode(encoding))
    assert not holds(path, WANTED)


@given(before=st.integers(0, 200), piece=st.sampled_from([NUMBER, "010117-5234", TOKEN]))
def test_nothing_is_cut_in_two_unseen(
    tmp_path_factory: pytest.TempPathFactory, before: int, piece: str
) -> None:
    path = tmp_path_factory.mktemp("long") / "file.txt"
    path.write_bytes(b";" * ((1 << 20) - before) + piece.encode() + b";" * 100)
    assert holds(path, WANTED)


def test_packed_files_are_looked_through(tmp_path: Path) -> None:
    text = f"cpr\n{NUMBER}\n".encode()
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.csv", text)
    zipped = tmp_path / "inside.csv.gz"
    zipped.write_bytes(gzip.compress(text))
    table = tmp_path / "table.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"copy (select '{NUMBER}' as cpr) to '{table.as_posix()}'")
    book = Workbook()
    book.active.append(["cpr", 101175234])
    sheet = tmp_path / "sheet.xlsx"
    book.save(sheet)
    for path in (packed, zipped, table, sheet):
        assert holds(path, WANTED), path.name
        assert not holds(path, Wanted.of([OTHER], [])), path.name


def test_what_cannot_be_looked_through_is_said(tmp_path: Path) -> None:
    old = tmp_path / "old.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0 and more")
    nested = tmp_path / "nested.zip"
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr("inside.csv.gz", gzip.compress(b"x"))
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 cut off")
    for path in (old, nested, broken):
        with pytest.raises(NotSearchableError):
            holds(path, WANTED)


def test_a_name_counts(tmp_path: Path) -> None:
    path = tmp_path / f"bilag_{NUMBER}.txt"
    path.write_bytes(b"")
    assert holds(path, WANTED)
