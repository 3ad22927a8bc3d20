"""Single values: read in one way or refused, never rounded; an independent oracle for numbers."""

import datetime
import re
from decimal import Decimal
from typing import Any, Literal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.intake.contract import Column
from orchestration.intake.forms import FileForm, NumberForm
from orchestration.intake.profiles import ColumnMap
from orchestration.intake.values import cleaned, number, reading, translated
from tests.intake.conftest import SECRET

CANONICAL = NumberForm()
DANISH = NumberForm(decimal=",", thousands=".", strip="kr ", trailing_minus=True)
ENGLISH = NumberForm(thousands=",", strip="£ ", trailing_minus=True, parentheses=True)
FORMS = {"canonical": CANONICAL, "danish": DANISH, "english": ENGLISH}
CONNECTION = duckdb.connect()


def evaluate(expression: str, text: str | None) -> Any:
    query = f"select {expression} from (select ?::varchar as x)"
    return CONNECTION.execute(query, [text]).fetchall()[0][0]


def money(text: str, form: NumberForm) -> Decimal | None:
    return evaluate(number("x", form, "DECIMAL(18,2)", 2), text)


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("canonical", "1234.56", "1234.56"),
        ("canonical", "-1234.5", "-1234.50"),
        ("canonical", "+7", "7.00"),
        ("canonical", "-0", "0.00"),
        ("canonical", "-0.00", "0.00"),
        ("canonical", "12.3400", "12.34"),
        ("canonical", "499.75000000000006", "499.75"),
        ("canonical", "498.99999999999994", "499.00"),
        ("canonical", "9999999999999999.99", "9999999999999999.99"),
        ("danish", "1.234,56", "1234.56"),
        ("danish", "1234,56", "1234.56"),
        ("danish", "1.234", "1234.00"),
        ("danish", "12.345.678,9", "12345678.90"),
        ("danish", "1.234,56-", "-1234.56"),
        ("danish", "1.234,56+", "1234.56"),
        ("danish", "kr 5,00", "5.00"),
        ("danish", "-kr 5,00", "-5.00"),
        ("danish", "kr -5,00", "-5.00"),
        ("english", "£1,234.50", "1234.50"),
        ("english", "-£ 1,234.50", "-1234.50"),
        ("english", "(1,234.50)", "-1234.50"),
        ("english", "(£1,234.50)", "-1234.50"),
    ],
)
def test_amounts_that_read_in_one_way(form: str, text: str, expected: str) -> None:
    assert money(text, FORMS[form]) == Decimal(expected)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("canonical", "1.234"),  # one and a bit, or twelve hundred
        ("canonical", "1.500"),
        ("canonical", "12.345"),
        ("canonical", "1,234.56"),
        ("canonical", "1234,56"),
        ("canonical", "12.34567"),
        ("canonical", "1e5"),
        ("canonical", "NaN"),
        ("canonical", "inf"),
        ("canonical", "1 234"),
        ("canonical", "--5"),
        ("canonical", "5-"),
        ("canonical", ".5"),
        ("canonical", "5."),
        ("canonical", "12345678901234567"),
        ("canonical", "12345678901234567890123456789012345678901234"),
        ("canonical", "٥"),
        ("danish", "12.34"),
        ("danish", "1.23,4"),
        ("danish", "1234.567,00"),
        ("danish", "1,234"),
        ("danish", "1,234.56"),
        ("danish", "-5-"),
        ("danish", "+5-"),
        ("english", "12,34"),
        ("english", "1,234.567"),
        ("english", "12 34.50"),
        ("english", "(5"),
        ("english", "(-5)"),
        ("english", "-(5)"),
        ("english", "£"),
        ("english", ""),
    ],
)
def test_amounts_that_are_never_guessed(form: str, text: str) -> None:
    assert money(text, FORMS[form]) is None


cents = st.integers(-(10**16), 10**16)


def written(value: int, form: NumberForm, grouped: bool) -> str:
    whole, part = divmod(abs(value), 100)
    text = f"{whole:,}".replace(",", form.thousands) if grouped else str(whole)
    return ("-" if value < 0 else "") + f"{text}{form.decimal}{part:02d}"


@settings(max_examples=150, deadline=None)
@given(cents, st.sampled_from(sorted(FORMS)), st.booleans())
def test_what_is_written_in_a_form_reads_as_it_was(value: int, name: str, grouped: bool) -> None:
    form = FORMS[name]
    text = written(value, form, grouped and bool(form.thousands))
    assert money(text, form) == Decimal(value) / 100


def oracle(text: str, form: NumberForm) -> Decimal | None:
    """The rules of amounts, said again without regular expressions in SQL."""
    if not text.isascii():
        return None
    sign, body = 1, text
    if form.parentheses and text.startswith("(") and text.endswith(")"):
        sign, body = -1, text[1:-1]
    elif text[:1] in ("+", "-"):
        sign, body = (-1 if text[0] == "-" else 1), text[1:]
    elif form.trailing_minus and text[-1:] in ("+", "-"):
        sign, body = (-1 if text[-1] == "-" else 1), text[:-1]
    whole, mark, decimals = body.partition(form.decimal)
    groups = whole.split(form.thousands) if form.thousands else [whole]
    if not all(group.isdigit() for group in groups) or (mark and not decimals.isdigit()):
        return None
    if len(groups) > 1 and not (len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:])):
        return None
    digits = "".join(groups)
    if len(digits) > 16 and (len(groups) == 1 or len(digits.lstrip("0")) > 16):
        return None
    exact = Decimal(f"{digits}.{decimals or '0'}")
    near = exact.quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    noise = 9 <= len(decimals) <= 18 and abs(exact - near) < Decimal("0.000001")
    zeros = len(decimals) >= 4 and not decimals[2:].strip("0")
    if len(decimals) <= 2 or noise or zeros:
        return sign * near
    return None


pieces = st.text("0123456789.,-+()", max_size=14)
likely = st.from_regex(
    re.compile(r"[+-]?[0-9]{1,4}([.,][0-9]{1,3}){0,2}-?", re.ASCII), fullmatch=True
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(pieces, likely), st.sampled_from(sorted(FORMS)))
def test_amounts_agree_with_an_independent_reading(text: str, name: str) -> None:
    form = FORMS[name].model_copy(update={"strip": ""})
    assert money(text, form) == oracle(text, form)


def read(text: str | None, column: Column, form: FileForm | None = None) -> tuple[Any, Any]:
    """Value and broken rule of one text."""
    form = form or FileForm()
    item = reading("t", "v", column, form, SECRET)
    query = (
        f"select v, {item.broken or 'null'} from (select *, {item.value} as v from"
        f" (select {cleaned('x', form)} as t from (select ?::varchar as x)))"
    )
    value, rule = CONNECTION.execute(query, [text]).fetchall()[0]
    return value, rule


DAY = datetime.date(2024, 2, 3)


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("2024-02-03", FileForm(), (DAY, None)),
        ("2024-02-30", FileForm(), (None, "date")),
        ("03-02-2024", FileForm(), (None, "date")),
        ("9999-12-31", FileForm(), (None, None)),
        ("31-12-9999", FileForm(dates=("%d-%m-%Y",), open_ends=("31-12-9999",)), (None, None)),
        ("3-2-2024", FileForm(dates=("%d-%m-%Y",)), (DAY, None)),
        ("03-Feb-24", FileForm(dates=("%d/%m/%Y", "%d-%b-%y")), (DAY, None)),
        ("03/02/24", FileForm(dates=("%d/%m/%y", "%d/%m/%Y")), (DAY, None)),
        ("03/02/2024", FileForm(dates=("%d/%m/%y", "%d/%m/%Y")), (DAY, None)),
        ("20240203", FileForm(dates=("%Y%m%d",)), (DAY, None)),
        ("", FileForm(), (None, None)),
        (None, FileForm(), (None, None)),
        ("NULL", FileForm(nulls=("null",)), (None, None)),
    ],
)
def test_dates(text: str | None, form: FileForm, expected: tuple[Any, Any]) -> None:
    assert read(text, Column(type="date"), form) == expected


@pytest.mark.parametrize("text", ["1776-07-04", "0024-02-03", "2240-01-01"])
def test_dates_outside_all_sense_are_refused(text: str) -> None:
    assert read(text, Column(type="date"))[1] == "date"


SERIAL = FileForm(serial_dates=True, number=DANISH, dates=("%d-%m-%Y", "%Y%m%d"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("45325", (DAY, None)),
        ("45325,0", (DAY, None)),
        ("45325,75", (DAY, None)),
        ("20240203", (DAY, None)),
        ("03-02-2024", (DAY, None)),
        ("73416", (None, "date")),  # 2101: outside all sense
        ("2024", (None, "date")),  # a year, or a day of 1905
        ("60", (None, "date")),  # the 29 February 1900 that never was
        ("453250", (None, "date")),
        ("-45325", (None, "date")),
        ("45325.0", (None, "date")),
    ],
)
def test_serial_dates_where_they_are_declared(text: str, expected: tuple[Any, Any]) -> None:
    value, rule = read(text, Column(type="date"), SERIAL)
    assert (value if rule is None else None, rule) == expected
    undeclared = SERIAL.model_copy(update={"serial_dates": False})
    if expected[1] or text.startswith("45325"):
        assert read(text, Column(type="date"), undeclared)[1] == "date"


@settings(max_examples=60, deadline=None)
@given(st.integers(11_000, 73_000), st.integers(0, 86_399))
def test_a_serial_number_is_the_moment_that_a_spreadsheet_means(day: int, second: int) -> None:
    epoch = datetime.datetime.fromisoformat("1899-12-30")
    moment = epoch + datetime.timedelta(days=day, seconds=second)
    text = f"{day + second / 86_400:.9f}".replace(".", ",")
    assert read(text, Column(type="timestamp"), SERIAL) == (moment, None)
    assert read(text, Column(type="date"), SERIAL) == (moment.date(), None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12345", "123.45"),
        ("5", "0.05"),
        ("000000000012", "0.12"),
        ("12345-", "-123.45"),
        ("-12345", "-123.45"),
        ("0", "0.00"),
        ("123,45", None),
        ("123.45", None),
        ("", None),
    ],
)
def test_decimals_that_are_implied(text: str, expected: str | None) -> None:
    form = NumberForm(implied_decimals=2, trailing_minus=True)
    assert money(text, form) == (Decimal(expected) if expected else None)


@pytest.mark.parametrize("text", ["#N/A", "#n/a", "#I/T", "#VÆRDI!", "#######"])
@pytest.mark.parametrize("kind", ["string", "text"])
def test_an_error_of_a_spreadsheet_is_no_word(text: str, kind: Literal["string", "text"]) -> None:
    assert read(text, Column(type=kind))[1] == "cell_error"


@pytest.mark.parametrize("text", ["#", "##", "#1", "# N/A", "A#N/A"])
def test_other_texts_may_begin_with_that_sign(text: str) -> None:
    assert read(text, Column(type="string")) == (text, None)


@settings(max_examples=60, deadline=None)
@given(
    st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y%m%d"]),
)
def test_a_date_written_in_a_form_reads_as_it_was(day: datetime.date, form: str) -> None:
    assert read(day.strftime(form), Column(type="date"), FileForm(dates=(form,))) == (day, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024", (2024, None)),
        ("2024.0", (2024, None)),
        ("+7", (7, None)),
        ("-3", (-3, None)),
        ("2.024", (None, "integer")),
        ("2024.5", (None, "integer")),
        ("1e3", (None, "integer")),
        ("99999999999999999999", (None, "integer")),
        ("to", (None, "integer")),
    ],
)
def test_whole_numbers(text: str, expected: tuple[Any, Any]) -> None:
    assert read(text, Column(type="integer")) == expected


@pytest.mark.parametrize("text", ["14", "-1"])
def test_limits(text: str) -> None:
    assert read(text, Column(type="integer", minimum=0, maximum=13))[1] == "range"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("TRUE", True), ("ja", True), ("J", True), ("0", False), ("Nej", False), ("måske", None)],
)
def test_truth(text: str, expected: bool | None) -> None:
    rule = "boolean" if expected is None else None
    assert read(text, Column(type="boolean")) == (expected, rule)


def test_words_of_a_list_are_known_in_any_case() -> None:
    column = Column(type="string", values=("F", "M"))
    assert read("f", column) == ("F", None)
    assert read("X", column) == (None, "value")


def test_a_system_is_translated_into_the_words_of_the_contract() -> None:
    mapped = ColumnMap(values={"Måned": "month", "År": "year"})
    assert evaluate(translated("x", mapped), "MÅNED") == "month"
    assert evaluate(translated("x", mapped), "uge") == "uge"


def test_required_and_empty() -> None:
    assert read(None, Column(type="text", required=True)) == (None, "required")


def test_an_identifier_made_from_a_cpr_number_is_replaced_whole() -> None:
    inner, outer = SECRET.pads()
    CONNECTION.execute("set variable hmac_inner = ?::blob", [inner])
    CONNECTION.execute("set variable hmac_outer = ?::blob", [outer])
    value, rule = read("SAG-0101901234", Column(type="string"))
    assert (value, rule) == ("p" + SECRET.token("SAG-0101901234"), None)
