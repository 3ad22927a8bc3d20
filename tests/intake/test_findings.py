"""What intake finds beside single values: replaced rows, doubtful persons, changed columns, files
that break off, and totals that a control file says otherwise.
"""

from dataclasses import replace

import pytest

from orchestration.intake.rules import catalogue, seed_csv
from tests.dbt.raw_layer import ROOT
from tests.intake.conftest import POSTING, House, posting, postings

# Born in 2035: numbers that nobody has been given.
CHILDREN = "cpr,birth_date,sex,district,postal_code,address_protected,household_id"


def test_the_warehouse_reads_the_same_catalogue() -> None:
    seed = ROOT / "dbt_project" / "seeds" / "ref_quality_rules.csv"
    assert seed.read_text("utf-8") == seed_csv(), "run `make rules`"


def test_every_text_of_the_catalogue_is_a_sentence_in_both_languages() -> None:
    for code, rule in catalogue().rules.items():
        for text in (rule.message.da, rule.message.en, rule.remedy.da, rule.remedy.en):
            assert text.strip().endswith((".", "{value}", "{detail}")), code
        assert rule.message.da != rule.message.en


def test_a_replaced_row_is_listed_with_the_row_that_replaced_it(ledger: House) -> None:
    ledger.deliver("postings_1.csv", postings([posting(1, "1")]))
    ledger.deliver("postings_2.csv", postings([posting(2), posting(1, "2"), posting(1, "3")]))
    ledger.loaded()
    columns = "file, row_number, record_id, rule, severity, message_en"
    found = ledger.rows("load_errors", columns)
    assert [row[:5] for row in found] == [
        ("postings_1.csv", 2, "P1", "row_superseded", "warning"),
        ("postings_2.csv", 3, "P1", "row_superseded", "warning"),
    ]
    assert all("(postings_2.csv, 4)" in row[5] for row in found)


def test_a_finding_names_the_record_and_its_case_but_no_person(house: House) -> None:
    house.deliver("children.csv", f"{CHILDREN}\n0101354007,,X,,,,\n")
    house.deliver(
        "measures.csv",
        "measure_id,case_id,cpr,legal_basis,starts_on\nM1,C7,0101354007,x,2024-02-30\n",
    )
    house.deliver("caseworkers.csv", "caseworker_id,fte,valid_from\nW1,many,2024-01-01\n")
    house.loaded()
    assert house.rows("load_errors", "rule, record_id, case_id", "severity = 'error'") == [
        ("amount", "W1 / 2024-01-01", None),
        ("date", "M1", "C7"),
        ("value", None, None),
    ]


@pytest.mark.parametrize(
    ("cpr", "birth_date", "rules"),
    [
        ("0101354008", "2035-01-01", []),
        ("010135-4008", "", []),
        ("0101354003", "2035-01-01", ["cpr_modulus"]),
        ("0101354008", "2035-10-01", ["cpr_birth_date"]),
        ("6101354003", "2035-01-01", ["cpr_replacement"]),
        ("6101354003", "2035-01-02", ["cpr_birth_date", "cpr_replacement"]),
        ("010135AB12", "", ["cpr_replacement"]),
    ],
)
def test_a_doubtful_person_is_loaded_and_told(
    house: House, cpr: str, birth_date: str, rules: list[str]
) -> None:
    house.deliver("children.csv", f"{CHILDREN}\n{cpr},{birth_date},,,,,\n")
    (count,) = house.loaded().counts
    assert count.rows_loaded == 1
    assert house.rows("load_errors", "rule, value") == [(rule, None) for rule in rules]


def test_a_warning_that_nobody_wants_is_not_told(house: House) -> None:
    house.place = replace(house.place, silent=frozenset({"cpr_replacement"}))
    house.deliver("children.csv", f"{CHILDREN}\n6101354003,,X,,,,\n")
    assert house.loaded().problems == 1
    assert house.rows("load_errors", "rule") == [("value",)]


# -- columns over time ----------------------------------------------------------------------


def test_columns_that_came_went_or_changed_their_name_are_told(house: House) -> None:
    house.deliver("children.csv", f"{CHILDREN},shoe_size\n0101354008,,F,N,,,,30\n")
    house.loaded()
    assert house.rules() == [("column_unknown", None, "shoe_size")]
    header = "cpr,birth_date,sex,districts,postal_code,address_protected,hat"
    house.deliver("children.csv", f"{header}\n0101354008,,F,N,,,\n")
    report = house.loaded()
    columns = "rule, column_name, message_en"
    found = house.rows("load_errors", columns, f"load_id = '{report.load_id}'")
    assert [row[:2] for row in found] == [
        ("column_gone", "household_id"),
        ("column_gone", "shoe_size"),
        ("column_renamed", "district"),
        ("column_unknown", "hat"),
    ]
    assert "(districts)" in found[2][2]
    assert report.stopped_because == ()


def test_a_required_column_under_another_name_is_suggested_and_never_taken(ledger: House) -> None:
    ledger.deliver("postings.csv", postings([posting(1)]))
    ledger.loaded()
    ledger.deliver("postings.csv", postings([posting(1)]).replace("amount", "amounts"))
    report = ledger.loaded()
    assert report.stopped_because
    found = ledger.rows("load_errors", "rule, column_name, remedy_en")
    assert [row[:2] for row in found] == [
        ("column_missing", "amount"),
        ("column_renamed", "amount"),
    ]
    assert found[0][2].endswith("Did you mean amounts?")


def test_files_of_one_load_may_have_different_columns(ledger: House) -> None:
    ledger.deliver("postings_1.csv", postings([posting(1)]))
    ledger.deliver("postings_2.csv", "posting_id,posting_date,year,account,amount\n")
    ledger.loaded()
    ledger.deliver("postings_1.csv", postings([posting(1), posting(2)]))
    ledger.loaded()
    assert ledger.rules() == []


# -- files that break off -------------------------------------------------------------------


@pytest.mark.parametrize("end", ["P2,2024-03-01,3,20", "P2", 'P2,"'])
def test_a_file_that_breaks_off_within_a_row_is_not_read(ledger: House, end: str) -> None:
    ledger.deliver("postings_1.csv", postings([posting(1)]) + end)
    ledger.deliver("postings_2.csv", postings([posting(3)]))
    first, second = ledger.loaded().counts
    assert (first.failed, first.rows_read, second.rows_loaded) == (True, 0, 1)
    assert {row[0] for row in ledger.rules()} <= {"file_cut_off", "file_unreadable"}


def test_a_short_row_with_its_line_end_is_one_row(ledger: House) -> None:
    ledger.deliver("postings.csv", postings([posting(1)]) + "P2,2024\n")
    (count,) = ledger.loaded().counts
    assert (count.failed, count.rows_loaded, count.rows_rejected) == (False, 1, 1)


def test_a_whole_last_row_needs_no_line_end(ledger: House) -> None:
    ledger.deliver("postings.csv", postings([posting(1)]).rstrip("\n"))
    (count,) = ledger.loaded().counts
    assert (count.failed, count.rows_loaded) == (False, 1)


# -- totals of a control file ---------------------------------------------------------------

TWO = postings([posting(1, "10.50"), posting(2, "-3.25")])


@pytest.mark.parametrize(
    "control",
    [
        "entity,rows,amount\npostings,2,7.25\n",
        "entity,file,rows,amount\npostings,postings.csv,2,7.25\npostings,,2,\n",
        "entity,rows\npostings,2\nbudget,7\n",
        "amount,entity\n7.25,postings\n",
    ],
)
def test_totals_that_agree_stop_nothing(ledger: House, control: str) -> None:
    ledger.deliver("postings.csv", TWO)
    ledger.deliver("control.csv", control)
    report = ledger.strict().loaded()
    assert (report.stopped_because, ledger.rules()) == ((), [])
    assert len(ledger.rows("postings")) == 2


@pytest.mark.parametrize(
    ("control", "rule", "why"),
    [
        ("entity,rows\npostings,3\n", "control_rows", "postings: 2 read, 3 sent"),
        ("entity,amount\npostings,7.26\n", "control_amount", "postings: 7.25 read, 7.26 sent"),
        ("entity,file,rows\npostings,p_2.csv,3\n", "control_missing", "p_2.csv"),
        ("entity,rows\npostings,many\n", "control_unreadable", "many"),
        ("entity,rows\nposting,2\n", "control_unreadable", "entity posting"),
        ("entity,rows\n,2\n", "control_unreadable", "row 2 names no entity"),
        ("entity,rows\n", "control_unreadable", "names no entity"),
        ("", "control_unreadable", "empty"),
    ],
)
def test_totals_that_do_not_agree_stop_the_source(
    ledger: House, control: str, rule: str, why: str
) -> None:
    ledger.deliver("postings.csv", TWO)
    ledger.deliver("control.csv", control)
    report = ledger.strict().loaded()
    assert [row[0] for row in ledger.rules()] == [rule]
    assert len(report.stopped_because) == 1
    assert why in report.stopped_because[0]
    assert ledger.rows("postings") == []


def test_totals_count_rejected_and_replaced_rows(ledger: House) -> None:
    rows = [posting(1, "10"), posting(1, "20"), posting(2, "5").replace("52820", "99999")]
    ledger.deliver("postings.csv", postings(rows))
    ledger.deliver("control.csv", "entity,rows,amount\npostings,3,35\n")
    assert ledger.loaded().stopped_because == ()


def test_an_amount_that_cannot_be_read_is_named_with_the_total(ledger: House) -> None:
    ledger.deliver("postings.csv", postings([posting(1, "10"), posting(2, "1.500")]))
    ledger.deliver("control.csv", "entity,amount\npostings,11.50\n")
    (why,) = ledger.loaded().stopped_because
    assert "10.00 read, 11.50 sent, 1 amounts cannot be read" in why


def test_a_control_file_alone_is_no_delivery(ledger: House) -> None:
    ledger.deliver("control.csv", "entity,rows\npostings,2\n")
    assert ledger.load() is None
    ledger.deliver("postings.csv", f"{POSTING}\n")
    assert ledger.loaded().stopped_because
