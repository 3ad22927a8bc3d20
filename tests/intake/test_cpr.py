"""CPR numbers: found in texts, disguised, replaced; the SQL says what Python says."""

import datetime
import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.intake import cpr
from orchestration.intake.cpr import MASK, Pseudonymiser

SECRET = Pseudonymiser(b"k" * 32)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    inner, outer = SECRET.pads()
    opened.execute("set variable hmac_inner = ?::blob", [inner])
    opened.execute("set variable hmac_outer = ?::blob", [outer])
    return opened


def sql(connection: duckdb.DuckDBPyConnection, expression: str, text: str) -> object:
    row = connection.execute(f"select {expression} from (select ?::varchar as x)", [text])
    return row.fetchall()[0][0]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Barnet 0101901234 er", f"Barnet {MASK} er"),
        ("010190-1234", MASK),
        ("010190 - 1234", MASK),
        ("010190–1234", MASK),
        ("010190.1234", MASK),
        ("CPR0101901234x", f"CPR{MASK}x"),
        ("0101901234,0202914321", f"{MASK},{MASK}"),
        ("0101901234 0202914321 0303904321", f"{MASK} {MASK} {MASK}"),
        ("6101901234", MASK),
        ("5282010010003146", "5282010010003146"),
        ("9901901234", "9901901234"),
        ("01019012345", "01019012345"),
        ("faktura 12345678", "faktura 12345678"),
    ],
)
def test_numbers_in_texts_are_masked(
    connection: duckdb.DuckDBPyConnection, text: str, masked: str
) -> None:
    assert cpr.mask(text) == masked
    assert sql(connection, cpr.mask_sql("x"), text) == masked


def test_what_is_shown_hides_a_lost_leading_zero_too(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert cpr.hide("101901234 i datofeltet") == f"{MASK} i datofeltet"
    assert sql(connection, cpr.hide_sql("x"), "101901234 i datofeltet") == f"{MASK} i datofeltet"
    assert cpr.mask("101901234") == "101901234"


printable = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
numbers = st.builds(
    lambda day, rest, sign: day.strftime("%d%m%y") + sign + f"{rest:04d}",
    st.dates(datetime.date(1950, 1, 1), datetime.date(2026, 1, 1)),
    st.integers(0, 9999),
    st.sampled_from(["", "-", " ", " - "]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(printable, numbers), max_size=6))
def test_no_number_that_stands_alone_survives(parts: list[str]) -> None:
    text = " ".join(parts)
    masked = cpr.mask(text)
    assert not re.search(cpr.IN_TEXT, masked)
    with duckdb.connect() as connection:
        assert sql(connection, cpr.mask_sql("x"), text) == masked


@settings(max_examples=60, deadline=None)
@given(printable, st.binary(min_size=1, max_size=100))
def test_the_pseudonym_in_sql_is_the_one_in_python(text: str, key: bytes) -> None:
    secret = Pseudonymiser(key)
    with duckdb.connect() as connection:
        inner, outer = secret.pads()
        connection.execute("set variable hmac_inner = ?::blob", [inner])
        connection.execute("set variable hmac_outer = ?::blob", [outer])
        token = sql(connection, secret.sql("x"), text)
    assert token == secret.token(text)
    assert re.fullmatch("[0-9a-f]{32}", str(token))


@pytest.mark.parametrize("text", ["010190-1234", "0101901234", "101901234", "010190 1234"])
def test_the_forms_of_one_number_meet(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    assert sql(connection, cpr.digits_sql("x"), text) == "0101901234"


@pytest.mark.parametrize(
    ("digits", "born"),
    [
        ("0101901234", datetime.date(1990, 1, 1)),
        ("0101124234", datetime.date(2012, 1, 1)),
        ("0101404234", datetime.date(1940, 1, 1)),
        ("0101175234", datetime.date(2017, 1, 1)),
        ("0101589234", datetime.date(1958, 1, 1)),
        ("0101607234", datetime.date(1860, 1, 1)),
        ("6101175234", datetime.date(2017, 1, 1)),
        ("010117AB12", datetime.date(2017, 1, 1)),
        ("3102175234", None),
        ("3002175234", None),
        ("0113175234", None),
        ("9201175234", None),
        ("12345", None),
        ("", None),
    ],
)
def test_the_date_of_birth(
    connection: duckdb.DuckDBPyConnection, digits: str, born: datetime.date | None
) -> None:
    assert sql(connection, cpr.birth_date_sql("x"), digits) == born
