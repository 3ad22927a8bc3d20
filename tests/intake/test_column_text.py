"""Columns read together: signs, lost zeros, and ends at a birthday, through a whole load."""

from pathlib import Path
from typing import Any

import pytest

from orchestration.intake.accounts import Chart
from orchestration.intake.profiles import Profile
from tests.intake.conftest import House, make_house

FINANCE = {
    "profile": "ours",
    "title": "A ledger with signs of its own",
    "feed": "finance",
    "form": {"separator": ";", "number": {"decimal": ",", "thousands": "."}},
    "entities": {
        "postings": {
            "files": ["*.csv"],
            "columns": {
                "posting_id": {"names": ["Nr"]},
                "posting_date": {"names": ["Dato"]},
                "year": {"names": ["År"]},
                "account": {"names": ["Konto"], "digits": 16},
                "amount": {"names": ["Beløb"], "sign": {"names": ["+/-", "D/K"]}},
                "cvr": {"names": ["CVR"], "digits": 8},
            },
        }
    },
}
CASES = {
    "profile": "ours",
    "title": "Ends at the eighteenth birthday",
    "feed": "cases",
    "entities": {
        "measures": {
            "files": ["*.csv"],
            "columns": {
                "measure_id": {"names": ["id"]},
                "case_id": {"names": ["case"]},
                "cpr": {"names": ["cpr"]},
                "legal_basis": {"names": ["law"]},
                "starts_on": {"names": ["from"]},
                "expected_end_on": {"names": ["to"], "open_end_age": 18},
                "unit_price": {"names": ["price"], "number": {"implied_decimals": 2}},
                "units": {"names": ["units"]},
            },
        }
    },
}


def ledger(root: Path, chart: Chart, *lines: str, header: str = "+/-") -> House:
    house = make_house(root, chart, Profile.model_validate(FINANCE))
    rows = [f"P{i};2024-03-01;2024;5282010010003146;{line}" for i, line in enumerate(lines, 1)]
    house.deliver("a.csv", "\n".join([f"Nr;Dato;År;Konto;Beløb;{header};CVR", *rows]))
    house.loaded()
    return house


def test_a_column_gives_the_amount_its_sign(tmp_path: Path, chart: Chart) -> None:
    lines = ("1.234,50;D;", "1,00;K;", "2,00;debet;", "3,00;Kredit;", "4,00;-;", "5,00;+;")
    house = ledger(tmp_path, chart, *lines)
    amounts = [float(row[0]) for row in house.rows("postings", "amount")]
    assert amounts == [-4.0, -3.0, -1.0, 2.0, 5.0, 1234.5]


@pytest.mark.parametrize("line", ["1,00;;", "1,00;X;", "-1,00;K;", "-1,00;D;", "+1,00;D;"])
def test_a_sign_that_is_unknown_or_there_twice_is_never_guessed(
    tmp_path: Path, chart: Chart, line: str
) -> None:
    house = ledger(tmp_path, chart, line)
    assert house.rules() == [("amount", 2, "amount")]


def test_an_amount_is_not_read_without_the_column_of_its_sign(tmp_path: Path, chart: Chart) -> None:
    house = ledger(tmp_path, chart, "1,00;D;", header="Andet")
    assert ("column_missing", None, "+/-") in house.rules()
    assert house.rows("postings") == []


def test_lost_leading_zeros_are_put_back(tmp_path: Path, chart: Chart) -> None:
    house = ledger(tmp_path, chart, "1,00;D;1234567", "1,00;D;12345678", "1,00;D;DK1234567")
    assert house.rows("postings", "cvr") == [("01234567",), ("12345678",), ("DK1234567",)]


def measures(root: Path, chart: Chart, *rows: str) -> list[tuple[Any, ...]]:
    house = make_house(root, chart, Profile.model_validate(CASES))
    lines = [f"M{i},S{i},{row}" for i, row in enumerate(rows, 1)]
    house.deliver("m.csv", "\n".join(["id,case,cpr,law,from,to,price,units", *lines]))
    house.loaded()
    return house.rows("measures", "measure_id, expected_end_on::varchar, unit_price, units")


@pytest.mark.parametrize(
    ("cpr", "end", "kept"),
    [
        ("010110-4234", "2028-01-01", None),
        ("101104234", "2028-01-01", None),
        ("290204-4234", "2022-02-28", None),
        ("290204-4234", "2022-03-01", None),
        ("280204-4234", "2022-03-01", "2022-03-01"),
        ("010110-4234", "2028-01-02", "2028-01-02"),
        ("010110-4234", "2027-01-01", "2027-01-01"),
        ("010110-4234", "9999-12-31", None),
        ("010110-4234", "", None),
    ],
)
def test_an_end_at_the_eighteenth_birthday_is_no_end(
    tmp_path: Path, chart: Chart, cpr: str, end: str, kept: str | None
) -> None:
    assert measures(tmp_path, chart, f"{cpr},§66,2020-01-01,{end},,")[0][1] == kept


def test_one_column_has_its_own_form_of_numbers(tmp_path: Path, chart: Chart) -> None:
    found = measures(tmp_path, chart, "010110-4234,§66,2020-01-01,,12345,1.5")
    assert [str(value) for value in found[0][2:]] == ["123.45", "1.5000"]
