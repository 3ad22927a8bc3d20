"""What rows mean together: each rule broken by one row, beside one that does not break it.

Belongs here: references, overlaps, extremes and the list that a team works off. The rules of law
and money have their unit tests beside the models.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from orchestration.intake.rules import catalogue
from tests.dbt.conftest import Warehouse
from tests.dbt.raw_layer import write_raw
from tests.dbt.small_municipality import FEEDS, RUN, Rows, load_file


def measure(number: str, **more: Any) -> dict[str, Any]:
    return {
        "measure_id": number,
        "case_id": "k1",
        "person_id": "c1",
        "legal_basis": "BL § 46",
        "measure_type": "27",
        "provider_id": "p2",
        "status": "granted",
        "starts_on": "2024-01-01",
        "expected_end_on": "2024-12-31",
        "unit": "day",
        "unit_price": 3000,
        **more,
    }


WRONG: Mapping[str, Rows] = {
    "children": [{"person_id": "c9", "birth_month": "1990-01-01"}],
    "cases": [
        {"case_id": "k7", "person_id": "gone", "opened_on": "2031-01-01", "team": "Unge"},
        {
            "case_id": "k8",
            "person_id": "c9",
            "opened_on": "2022-01-01",
            "closed_on": "2024-02-01",
            "caseworker_id": "nobody",
            "team": "Unge",
        },
    ],
    "caseworkers": [
        {"caseworker_id": "w2", "team": "Unge", "fte": 1, "valid_from": "2020-01-01",
         "valid_to": "2024-01-31"},
        {"caseworker_id": "w2", "team": "Unge", "fte": 1, "valid_from": "2024-01-31"},
    ],
    "providers": [
        {"provider_id": "p4", "name": "x", "ownership": "own", "valid_to": "2022-01-01"},
        {"provider_id": "p4", "name": "x", "ownership": "own", "valid_from": "2021-06-01"},
    ],
    "measures": [
        measure("N1", case_id="k8", person_id="c9"),
        measure("N2", case_id="gone", person_id="gone", starts_on="2029-01-01"),
        measure("N3", status="ended", expected_end_on="2023-01-01"),
        measure("N4", measure_type="home_support"),
        measure("N5", measure_type="home_support", starts_on="2024-03-01"),
        *(measure(f"O{n}", measure_type="11", unit="month", unit_price=100, person_id=f"o{n}",
                  status="expected") for n in range(10)),
        measure("O10", measure_type="11", unit="month", unit_price=501, person_id="o10"),
        measure("N6", starts_on="2024-06-01"),
    ],
    "plans": [
        {"plan_id": "L1", "case_id": "gone", "person_id": "c1", "measure_id": "gone",
         "decided_on": "2024-01-01", "valid_to": "2023-01-01"},
    ],
    "assessments": [
        {"assessment_id": "A1", "case_id": "gone", "person_id": "c1", "opened_on": "2024-01-01"},
    ],
    "follow_ups": [
        {"follow_up_id": "F1", "case_id": "gone", "measure_id": "gone", "kind": "follow_up"},
    ],
    "notifications": [
        {"notification_id": "U1", "person_id": "c1", "received_at": "2024-05-02T10:00:00",
         "acknowledged_on": "2024-05-01"},
    ],
    "postings": [
        {"posting_id": "X1", "posting_date": "2027-01-01", "year": 2027, "account": "5.28.20",
         "account_function": "5.28.20", "amount": 6_000_000, "measure_id": "gone",
         "person_id": "gone"},
    ],
}  # fmt: skip

FOUND = {
    ("measure_in_closed_case", "N1"), ("placement_age", "N1"),
    ("measure_case_unknown", "N2"), ("measure_person_unknown", "N2"), ("measure_far_ahead", "N2"),
    ("measure_ended_without_date", "N3"), ("measure_expected_end_before_start", "N3"),
    ("measure_overlap", "N4"), ("placement_overlap", "M1"), ("measure_other_person", "O10"),
    ("measure_price_outlier", "O10"),
    ("case_person_unknown", "k7"), ("case_opened_in_future", "k7"),
    ("case_without_caseworker", "k7"), ("case_caseworker_unknown", "k8"),
    ("caseworker_overlap", "w2 / 2024-01-31"), ("provider_overlap", "p4 / 2021-06-01"),
    ("plan_case_unknown", "L1"), ("plan_measure_unknown", "L1"), ("plan_ends_before_start", "L1"),
    ("assessment_case_unknown", "A1"), ("follow_up_case_unknown", "F1"),
    ("follow_up_measure_unknown", "F1"), ("notification_met_before_received", "U1"),
    ("posting_measure_unknown", "X1"), ("posting_person_unknown", "X1"),
    ("posting_amount_extreme", "X1"), ("posting_in_future", "X1"), ("posting_unmatched", "X1"),
}  # fmt: skip


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The small municipality with the wrong rows beside the right ones."""
    built = Warehouse(tmp_path_factory.mktemp("wrong"))
    rows = {name: [*FEEDS[name], *WRONG.get(name, [])] for name in FEEDS}
    new = [load_file(name, len(rows)) for name, rows in WRONG.items() if name not in FEEDS]
    rows["load_files"] = [*FEEDS["load_files"], *new]
    write_raw(built.raw, {**WRONG, **rows, "run": [RUN]})
    for command in (("seed",), ("run", "--select", "+fct_quality_finding", "+fct_data_quality")):
        done = built.dbt(*command)
        assert done.returncode == 0, done.stdout[-4000:]
    return built


def test_every_rule_of_meaning_finds_its_row(wrong: Warehouse) -> None:
    found = set(wrong.rows("select rule, record_id from marts.fct_quality_finding"))
    assert found >= FOUND, sorted(FOUND - found)


def test_the_rules_looked_at_are_those_of_the_catalogue(wrong: Warehouse) -> None:
    looked_at = {
        rule
        for (rule,) in wrong.rows("select distinct rule from intermediate.int_quality_findings")
    }
    assert looked_at == set(catalogue().of_level("meaning"))


def test_a_team_sees_what_is_its_own_and_how_old_it_is(wrong: Warehouse) -> None:
    found = wrong.rows(
        """select record_id, caseworker_id, since::varchar, age_days, remedy_da
        from marts.fct_quality_finding where team = 'Unge' and rule = 'measure_in_closed_case'"""
    )
    assert found == [("N1", "nobody", "2024-02-01", 242, "Afslut indsatsen, eller genåbn sagen.")]


def test_counts_by_team_are_the_list(wrong: Warehouse) -> None:
    counted = wrong.rows(
        """select rule, team, sum(rows_failing) from marts.fct_data_quality
        where rows_failing > 0 and rule in (select rule from reference.ref_quality_rules)
        group by all order by all"""
    )
    listed = wrong.rows(
        """select rule, team, count(*) from marts.fct_quality_finding
        where rule in (select rule from reference.ref_quality_rules) group by all order by all"""
    )
    assert counted == listed
