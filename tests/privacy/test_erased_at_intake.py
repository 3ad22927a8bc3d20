"""An erased person who is delivered again does not come back."""

import datetime
from pathlib import Path

import pytest

from orchestration.intake.accounts import Chart
from orchestration.intake.erased import Erased, Register
from orchestration.intake.profiles import canonical
from tests.intake.conftest import FUNCTIONS, SECRET, House, make_house, posting, postings

GONE, STAYS = "0101175234", "0201175234"
CASES = (
    f"case_id,cpr,opened_on,closed_on\nS1,{GONE},2020-01-01,2021-01-01\nS2,{STAYS},2020-01-01,\n"
)
FOLLOW_UPS = "follow_up_id,case_id,kind\nF1,S1,follow_up\nF2,S2,follow_up\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return make_house(tmp_path, Chart.from_csv(FUNCTIONS), canonical("cases"))


@pytest.fixture
def ledger(tmp_path: Path) -> House:
    return make_house(tmp_path, Chart.from_csv(FUNCTIONS), canonical("finance"))


def erase(house: House, until: datetime.date | None = None) -> None:
    entry = Erased("person", SECRET.token(GONE), until, "erase")
    Register(house.place.store.root).add([entry])


def test_rows_are_out_of_scope_and_the_file_is_named(house: House) -> None:
    erase(house)
    house.deliver("cases.csv", CASES)
    house.deliver("follow_ups.csv", FOLLOW_UPS)
    counts = {count.entity: count for count in house.loaded().counts}
    assert (counts["cases"].rows_loaded, counts["cases"].rows_out_of_scope) == (1, 1)
    assert (counts["follow_ups"].rows_loaded, counts["follow_ups"].rows_out_of_scope) == (1, 1)
    assert house.rows("cases", "case_id") == [("S2",)]
    assert house.rows("follow_ups", "follow_up_id") == [("F2",)]
    assert house.rows("load_errors", "entity, rule, severity") == [
        ("cases", "person_erased", "warning"),
        ("follow_ups", "person_erased", "warning"),
    ]


def test_what_hangs_on_an_erased_case_stays_away_in_a_later_delivery(house: House) -> None:
    erase(house)
    house.deliver("cases.csv", CASES)
    house.loaded()
    house.deliver("follow_ups.csv", FOLLOW_UPS)
    house.loaded()
    assert house.rows("follow_ups", "follow_up_id") == [("F2",)]


def test_after_a_retention_period_a_new_case_is_loaded(house: House) -> None:
    erase(house, until=datetime.date(2021, 1, 1))
    house.deliver("cases.csv", CASES + f"S3,{GONE},2024-01-01,\n")
    house.deliver("follow_ups.csv", FOLLOW_UPS + "F3,S3,follow_up\n")
    house.loaded()
    assert house.rows("cases", "case_id") == [("S2",), ("S3",)]
    assert house.rows("follow_ups", "follow_up_id") == [("F2",), ("F3",)]


def test_postings_stay_to_the_oere_without_the_person(ledger: House) -> None:
    erase(ledger)
    rows = [
        posting(1, "100.01", f",{GONE},12345678,M1,bilag 1,tekst"),
        posting(2, "200.02", f",{STAYS},12345678,M2,bilag 2,tekst"),
    ]
    ledger.deliver("postings.csv", postings(rows))
    (count,) = ledger.loaded().counts
    assert (count.rows_loaded, count.rows_out_of_scope) == (2, 0)
    kept = ledger.rows("postings", "posting_id, amount::varchar, person_id, measure_id, voucher")
    assert kept == [
        ("P1", "100.01", None, None, None),
        ("P2", "200.02", SECRET.token(STAYS), "M2", "bilag 2"),
    ]


def test_the_register_holds_tokens_alone(house: House) -> None:
    erase(house)
    house.deliver("cases.csv", CASES)
    house.loaded()
    entries = Register(house.place.store.root).entries()
    assert {entry.kind for entry in entries} == {"person", "case"}
    assert all(len(entry.token) == 32 for entry in entries)
    assert Register(house.place.store.root).add(entries) == 0
