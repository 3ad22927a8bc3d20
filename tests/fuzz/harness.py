"""What must hold for any bytes, one function a target: called by hypothesis and by atheris alike.

Belongs here: the targets and what they demand. Does not: where the bytes come from (test_harness
makes some in the suite; `make fuzz` searches for hours).
"""

import contextlib
import re
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import duckdb

from orchestration.intake import cpr, entity_load
from orchestration.intake.accounts import AccountError, Chart, as_prisme, parse_account
from orchestration.intake.contract import entities
from orchestration.intake.deliveries import Batch
from orchestration.intake.entity_load import EntityLoad
from orchestration.intake.erased import Register
from orchestration.intake.files import UnreadableFileError, open_table
from orchestration.intake.forms import FileForm
from orchestration.intake.landing import DeliveredFile, UnknownEncodingError
from orchestration.intake.problems import create_problems
from orchestration.intake.profiles import canonical
from orchestration.intake.repeated import reading_connection
from tests.intake.conftest import FUNCTIONS, SECRET
from tests.intake.corpus.delivery import cases, files_of

PARTS = {"text", "form", "function", "dranst", "ownership", "alias"}
NUMBER = "3112244000"
"""Stands in the input where an `@` does: a CPR number of a form that nobody has."""

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder in memory, where the system has one
_TOKEN = re.compile(r"p[0-9a-f]{32}")
_ALONE = re.compile(cpr.IN_TEXT)


@cache
def chart() -> Chart:
    return Chart.from_csv(FUNCTIONS)


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


# Opening a database costs more than a small load does, and this one holds nothing of a load.
entity_load.reading_connection = cache(reading_connection)


@cache
def _prepared() -> duckdb.DuckDBPyConnection:
    """A database as a load finds it: the key, no erased person, the catalogue of rules."""
    connection = duckdb.connect(config={"threads": 1})
    SECRET.bind(connection)
    with tempfile.TemporaryDirectory() as folder:
        Register(Path(folder)).put(connection)
    create_problems(connection)
    return connection


@contextlib.contextmanager
def _load_database() -> Iterator[duckdb.DuckDBPyConnection]:
    """The prepared database; all that is done in it is undone."""
    connection = _prepared()
    connection.begin()
    try:
        yield connection
    finally:
        connection.rollback()


def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None)


READ, REFUSED = "read", "refused"
"""What a target says became of its input."""


def account(data: bytes) -> str:
    """An account is read into parts that exist, or refused with the part that is wrong."""
    text = data.decode("utf-8", errors="replace")
    try:
        found = parse_account(text, chart())
    except AccountError as error:
        assert error.part in PARTS
        assert error.suggestion is None or error.suggestion.replace(".", "") in chart()
        outcome = REFUSED
    else:
        assert found.function.replace(".", "") in chart()
        assert all(part is None or part.isascii() for part in vars(found).values())
        outcome = READ
    as_prisme(text)
    return outcome


def masking(data: bytes) -> str:
    """No number that stands alone is left, masking twice is masking once, SQL says the same."""
    text = data.decode("utf-8", errors="replace").replace("@", NUMBER).replace("\0", "")
    for python, sql in ((cpr.mask, cpr.mask_sql), (cpr.hide, cpr.hide_sql)):
        hidden = python(text)
        assert not _ALONE.search(hidden)
        assert python(hidden) == hidden
        row = _database().execute(f"select {sql('$1')}", [text]).fetchone()
        assert row == (hidden,)
    return READ


def csv_reader(data: bytes) -> str:
    """A file is read with every row numbered once, or refused as a whole."""
    with _folder() as folder:
        path = Path(folder) / "postings.csv"
        path.write_bytes(data)
        form = FileForm(encodings=("utf-8-sig", "cp1252"))
        numbers: list[int] = []
        try:
            table = open_table(path, form)
            for batch in table.batches:
                assert batch.num_columns == len(table.header) + 1
                numbers += batch.column(0).to_pylist()
        except (UnreadableFileError, UnknownEncodingError, UnicodeDecodeError):
            return REFUSED
        assert numbers == sorted(set(numbers))
        numbers += [number for number, _ in table.misshapen]
        assert len(numbers) == len(set(numbers))
        assert all(number > 1 for number in numbers)
    return READ


def whole_load(data: bytes) -> str:
    """Every row of any file has one fate, every rejected row is listed, and no number is told."""
    profile = canonical("finance")
    with _folder() as folder, _load_database() as connection:
        path = Path(folder) / "postings.csv"
        path.write_bytes(data.replace(b"@", NUMBER.encode()))
        load = EntityLoad(connection, entities()["postings"], profile, SECRET)
        file = DeliveredFile(path.name, path, "0" * 64, len(data))
        load.read(Batch((file,), (0,)), chart())
        (count,) = load.counts()
        count.check()
        kept = connection.execute(f"select * from ({load.rows_query('l', 1, 's')})").fetchall()
        assert count.rows_loaded == len(kept)
        listed = connection.execute(
            "select count(distinct row_number) from problems join catalogue using (rule)"
            " where severity = 'error'"
        ).fetchone()
        assert listed == (count.rows_rejected,)
        told = connection.execute("select * from problems").fetchall()
    for value in (value for row in (*told, *kept) for value in row if isinstance(value, str)):
        assert not _ALONE.search(_TOKEN.sub("", value)), "a CPR number is told"
    return REFUSED if count.failed else READ


TARGETS: dict[str, Callable[[bytes], str]] = {
    "account": account,
    "masking": masking,
    "csv_reader": csv_reader,
    "whole_load": whole_load,
}

LONGEST = {"account": 4096, "masking": 4096, "csv_reader": 4096, "whole_load": 1024}
"""Bytes of an input: a load of few rows can do all that one of many can."""

_WORDS = (
    b"5.28.20", b"5282010010003146", b"01005-528202003-010025-869---3046", b"528201003-15031",
    b"582211010", b"PPR betaler", b"529CPR", b"5200058609", b"@", b"311224-4000", b"11225 4000",
    b"61123540AB", b"x@,@y", b"1.234,50-",
)  # fmt: skip


def seeds(target: str) -> list[bytes]:
    """Inputs to begin with: known words, and for files the nasty corpus (but its largest)."""
    if target in ("account", "masking"):
        return list(_WORDS)
    found = [
        content
        for case in cases().values()
        if "build" not in case
        for content in files_of(case).values()
    ]
    return [content for content in found if len(content) < LONGEST[target]]
