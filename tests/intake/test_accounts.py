"""Accounts: every written form, the errors, and the way there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.intake.accounts import (
    DRANSTS,
    OWNERSHIPS,
    Account,
    AccountError,
    Chart,
    as_prisme,
    dotted,
    parse_account,
)
from tests.intake.conftest import FUNCTIONS

CHART = Chart.from_csv(FUNCTIONS)
CODES = sorted(code for code in CHART._codes)
functions = st.sampled_from(CODES)
dransts = st.sampled_from(sorted(DRANSTS))
groupings = st.text("0123456789", min_size=3, max_size=3)
arts = st.text("0123456789", min_size=2, max_size=2)
centres = st.text("0123456789", min_size=4, max_size=4)
ownerships = st.sampled_from(sorted(OWNERSHIPS))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("5.28.20", Account("5.28.20")),
        (" 5.28.20 ", Account("5.28.20")),
        ("5.28.20.1", Account("5.28.20", "1")),
        ("5.28.20.1.003", Account("5.28.20", "1", None, "003")),
        ("5.28.20.1.003.46", Account("5.28.20", "1", None, "003", "46")),
        ("52820", Account("5.28.20")),
        ("528201", Account("5.28.20", "1")),
        ("528202003", Account("5.28.20", "2", None, "003")),
        ("152820003", Account("5.28.20", "1", None, "003")),
        ("5282012123400346", Account("5.28.20", "1", "2", "003", "46")),
        ("5282 0121 2340 0346", Account("5.28.20", "1", "2", "003", "46")),
        (
            "01005-528202003-010025-869---3046",
            Account("5.28.20", "2", None, "003", "86"),
        ),
        (
            "01005-528202003-010025-529CPR---3046",
            Account("5.28.20", "2", None, "003", "52"),
        ),
        ("528201003-15031", Account("5.28.20", "1", None, "003")),
        ("528201003CPR", Account("5.28.20", "1", None, "003")),
    ],
)
def test_every_written_form_is_read(written: str, expected: Account) -> None:
    assert parse_account(written, CHART) == expected


@pytest.mark.parametrize(
    ("written", "part", "suggestion"),
    [
        ("582211010", "function", "5.28.21"),
        ("5.82.20", "function", "5.28.20"),
        ("9.99.99", "function", None),
        ("528200003", "dranst", None),
        ("5.28.20.0", "dranst", None),
        ("5282019123400346", "ownership", None),
        ("5200058609", "alias", None),
        ("PPR betaler", "text", None),
        ("52820100", "function", None),
        ("5282010030", "alias", None),
        ("٥٢٨٢٠", "form", None),
        ("01005-869---3046", "form", None),
        ("", "form", None),
        ("1.23e15", "form", None),
    ],
)
def test_what_is_wrong_is_said(written: str, part: str, suggestion: str | None) -> None:
    with pytest.raises(AccountError) as error:
        parse_account(written, CHART)
    assert (error.value.part, error.value.suggestion) == (part, suggestion)


def test_nine_digits_that_fit_two_functions_are_refused() -> None:
    both = Chart(["5.28.20", "2.82.01"])
    with pytest.raises(AccountError, match="two functions"):
        parse_account("528201003", both)


def test_a_lost_leading_zero_is_put_back() -> None:
    chart = Chart(["0.25.10"])
    assert parse_account("2510", chart).function == "0.25.10"
    assert parse_account("25101999", chart) == Account("0.25.10", "1", None, "999")
    assert parse_account("251011234599946"[:15], chart).function == "0.25.10"


@given(functions, dransts, ownerships, centres, groupings, arts)
def test_sixteen_digits_read_as_their_parts(
    function: str, dranst: str, ownership: str, centre: str, grouping: str, art: str
) -> None:
    written = function + dranst + ownership + centre + grouping + art
    expected = Account(dotted(function), dranst, ownership, grouping, art)
    assert parse_account(written, CHART) == expected


@given(functions, dransts, groupings, arts)
def test_dotted_reads_as_its_parts(function: str, dranst: str, grouping: str, art: str) -> None:
    expected = Account(dotted(function), dranst, None, grouping, art)
    assert parse_account(f"{dotted(function)}.{dranst}.{grouping}.{art}", CHART) == expected


@given(functions, dransts, groupings, st.booleans())
def test_nine_digits_read_as_their_parts_or_are_refused(
    function: str, dranst: str, grouping: str, dst: bool
) -> None:
    written = dranst + function + grouping if dst else function + dranst + grouping
    try:
        account = parse_account(written, CHART)
    except AccountError as error:
        assert error.part == "form"
        return
    assert account == Account(dotted(function), dranst, None, grouping)


@given(functions, dransts, ownerships, centres, groupings, arts)
def test_prisme_keeps_all_but_ownership(
    function: str, dranst: str, ownership: str, centre: str, grouping: str, art: str
) -> None:
    expected = Account(dotted(function), dranst, None, grouping, art)
    digits = function + dranst + ownership + centre + grouping + art
    assert parse_account(as_prisme(digits), CHART) == expected
    text = f"{dotted(function)}.{dranst}.{grouping}.{art}"
    assert parse_account(as_prisme(text), CHART) == expected


def test_prisme_never_invents_a_part() -> None:
    assert as_prisme("5.28.20") == "5.28.20"
    assert as_prisme("PPR betaler") == "PPR betaler"
    assert as_prisme("528201003") == "528201003"
    assert as_prisme("5822110100000046") == "01000-582211000-011000-460---"


@given(st.lists(st.text("0123456789", min_size=16, max_size=16), unique=True, min_size=2))
def test_prisme_keeps_different_accounts_apart(written: list[str]) -> None:
    assert len({as_prisme(text) for text in written}) == len(written)


def test_prisme_does_not_hide_a_wrong_ownership() -> None:
    assert as_prisme("5282219010003146") == "5282219010003146"


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert parse_account(text, CHART).function.replace(".", "") in CHART
    except AccountError as error:
        assert error.part in {"form", "function", "dranst", "ownership", "alias", "text"}
