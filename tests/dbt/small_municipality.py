"""The rows of a municipality with three children, small enough to reckon with by hand.

Belongs here: rows only. What follows from them stands in the tests.
"""

from typing import Any

Rows = list[dict[str, Any]]

RUN = {
    "run_id": "run_1",
    "as_of": "2024-09-30",
    "municipality_name": "Eksempel Kommune",
    "municipality_code": "390",
    "language": "da",
    "code_version": "1",
    "data_version": "a",
    "horizon_months": 24,
}

HOME, FOSTER = "5.28.20", "5.28.22"
PREVENTION = "5.28.21"


def account(function: str | None, grouping: str | None, ownership: str = "1") -> dict[str, Any]:
    """An account in its written form with its parsed parts beside it."""
    return {
        "account": f"{function}.1.{grouping}" if function else "PPR betaler",
        "account_function": function,
        "account_dranst": "1" if function else None,
        "account_ownership": ownership if function else None,
        "account_grouping": grouping,
    }


CHILDREN: Rows = [
    {"person_id": "c1", "birth_month": "2010-03-01", "sex": "F", "district": "Nord"},
    {"person_id": "c2", "birth_month": "2012-05-01", "sex": "M", "district": "Syd"},
    {
        "person_id": "c3",
        "birth_month": "2008-01-01",
        "sex": "M",
        "district": "Syd",
        "address_protected": True,
    },
]
CASES: Rows = [
    {
        "case_id": f"k{number}",
        "person_id": f"c{number}",
        "opened_on": "2022-01-01",
        "caseworker_id": "w1",
        "team": "Familie",
    }
    for number in (1, 2, 3)
]
CASEWORKERS: Rows = [
    {"caseworker_id": "w1", "team": "Familie", "fte": 1, "valid_from": "2020-01-01"}
]
PROVIDERS: Rows = [
    {
        "provider_id": "p1",
        "name": "Familiecenteret",
        "cvr": "11111111",
        "ownership": "own",
        "municipality_code": "390",
        "valid_from": "2020-01-01",
    },
    {
        "provider_id": "p2",
        "name": "Opholdsstedet Bøgely",
        "cvr": "22222222",
        "ownership": "private",
        "measure_type": "27",
        "municipality_code": "376",
    },
    {
        "provider_id": "p3",
        "name": "Moster Jensen",
        "ownership": "network",
        "measure_type": "1",
        "municipality_code": "390",
    },
]
MEASURES: Rows = [
    {
        "measure_id": "M1",
        "case_id": "k1",
        "person_id": "c1",
        "legal_basis": "SEL § 52, stk. 3, nr. 7",
        "measure_type": "27",
        "provider_id": "p2",
        "status": "granted",
        "starts_on": "2023-01-01",
        "expected_end_on": "2024-12-31",
        "unit": "day",
        "unit_price": 3000,
        **account(HOME, "003", "4"),
    },
    {
        "measure_id": "M2",
        "case_id": "k2",
        "person_id": "c2",
        "legal_basis": "BL § 32, stk. 1, nr. 2",
        "measure_type": "home_support",
        "provider_id": "p1",
        "status": "ended",
        "starts_on": "2024-02-01",
        "ended_on": "2024-05-31",
        "unit": "hour",
        "unit_price": 500,
        "units": 4,
    },
    {
        "measure_id": "M3",
        "case_id": "k3",
        "person_id": "c3",
        "legal_basis": "BL § 46",
        "measure_type": "1",
        "provider_id": "p3",
        "status": "granted",
        "starts_on": "2024-07-01",
        "unit": "month",
        "unit_price": 20000,
    },
    {
        "measure_id": "M4",
        "case_id": "k2",
        "person_id": "c2",
        "legal_basis": "BL § 46",
        "measure_type": "27",
        "status": "draft",
        "starts_on": "2024-08-01",
        "unit": "day",
        "unit_price": 9999,
    },
    {
        "measure_id": "M5",
        "case_id": "k2",
        "person_id": "c2",
        "legal_basis": "BL § 30",
        "measure_type": "early_prevention",
        "status": "expected",
        "starts_on": "2024-10-01",
        "expected_end_on": "2024-10-07",
        "unit": "week",
        "unit_price": 700,
    },
]
NOTIFICATIONS: Rows = [
    {
        "notification_id": "u1",
        "person_id": "c1",
        "received_at": "2024-03-27T14:30:00",  # the Wednesday before Easter
        "reporter": "Skole",
        "acknowledged_on": "2024-04-09",
        "assessed_at": "2024-03-28T14:31:00",
    },
    {
        "notification_id": "u2",
        "person_id": "c2",
        "received_at": "2023-12-01T09:00:00",
        "reporter": "police",
        "acknowledged_on": "2023-12-11",
        "assessed_at": "2023-12-01T15:00:00",
        "outcome": "assessment",
    },
    {
        "notification_id": "u3",
        "person_id": "c2",
        "received_at": "2024-09-27T09:00:00",
        "assessed_at": "2024-09-27T10:30:00",
    },
]
ASSESSMENTS: Rows = [
    {
        "assessment_id": "a1",
        "case_id": "k2",
        "person_id": "c2",
        "opened_on": "2023-12-04",
        "completed_on": "2024-03-01",
    }
]
PLANS: Rows = [
    {
        "plan_id": "l1",
        "case_id": "k1",
        "person_id": "c1",
        "measure_id": "M1",
        "decided_on": "2022-12-20",
        "valid_to": "2023-12-19",
        "goals": 4,
        "goals_met": 3,
    }
]
FOLLOW_UPS: Rows = [
    {
        "follow_up_id": "f1",
        "case_id": "k2",
        "measure_id": "M2",
        "kind": "follow_up",
        "due_on": "2024-05-01",
        "held_on": "2024-03-11",
    },
    {
        "follow_up_id": "f2",
        "case_id": "k3",
        "measure_id": "M3",
        "kind": "follow_up",
        "due_on": "2024-10-01",
    },
]
ORDER_PLAN: Rows = [
    {
        "year": 2024,
        "measure_type": "27",
        "sector": "external",
        "full_year_persons": 2,
        "unit_price": 1000000,
    }
]


def posting(
    number: int, day: str, period: int | None, amount: float, **more: Any
) -> dict[str, Any]:
    """A posting of 2024 on the residential home's account, unless it says otherwise."""
    base = {
        "posting_id": f"b{number}",
        "posting_date": day,
        "period": period,
        "year": 2024,
        "amount": amount,
        **account(HOME, "003", "4"),
    }
    return {**base, **more}


POSTINGS: Rows = [
    posting(1, "2024-01-31", 1, 93000, person_id="c1", measure_id="M1"),
    posting(2, "2024-03-05", 2, 87000.10, person_id="c1", cvr="22222222"),
    posting(3, "2024-03-31", 3, 90000, person_id="c1"),
    posting(4, "2024-04-30", 4, 8571.43, person_id="c2", **account(PREVENTION, "002")),
    posting(5, "2024-05-31", 5, 5000, person_id="c2", **account(FOSTER, "001", "4")),
    posting(6, "2024-06-30", 6, -1450, **account(HOME, "092")),
    posting(7, "2024-09-15", None, 1234.56, **account(None, None)),
    posting(8, "2024-02-10", 13, 92000, year=2023, person_id="c1", measure_id="M1"),
    posting(9, "2023-12-28", 0, 400, **account("6.45.58", "001")),
    posting(10, "2024-10-02", 10, 93000, person_id="c1", measure_id="M1"),
]


def budget_line(version: str, amount: float, decided_on: str | None, **more: Any) -> dict[str, Any]:
    """A budget line of 2024 on the residential home's account, unless it says otherwise."""
    base = {"year": 2024, "version": version, "amount": amount, "decided_on": decided_on}
    return {**base, **account(HOME, "003", "4"), **more}


BUDGET: Rows = [
    budget_line("original", 1000000, "2023-10-15"),
    budget_line("supplementary", 100000, "2024-05-28"),
    budget_line("supplementary", 50000, "2024-12-01"),
    budget_line("transfer", -30000, "2024-06-18"),
    budget_line("transfer", 30000, "2024-06-18", **account(PREVENTION, "002")),
]
LOAD_ERRORS: Rows = [
    {
        "load_id": "load_1",
        "load_seq": 1,
        "source": "finance",
        "entity": "postings",
        "file": "postings.csv",
        "row_number": 12,
        "column_name": "amount",
        "rule": "amount_ambiguous",
        "severity": "error",
        "message_da": "Beløbet kan læses på to måder",
        "message_en": "The amount can be read in two ways",
    }
]
FOLLOW_UP_FEED = ("notifications", "assessments", "plans", "follow_ups")
CASE_FEED = ("children", "cases", "caseworkers", "providers", "measures", "order_plan")
CASE_FEED += FOLLOW_UP_FEED
FINANCE_FEED = ("postings", "budget")
DELIVERED: dict[str, Rows] = {
    "children": CHILDREN,
    "cases": CASES,
    "caseworkers": CASEWORKERS,
    "providers": PROVIDERS,
    "measures": MEASURES,
    "notifications": NOTIFICATIONS,
    "assessments": ASSESSMENTS,
    "plans": PLANS,
    "follow_ups": FOLLOW_UPS,
    "order_plan": ORDER_PLAN,
    "postings": POSTINGS,
    "budget": BUDGET,
}


def load_file(entity: str, rows: int, rejected: int = 0, load: int = 1) -> dict[str, Any]:
    """The register's entry of a snapshot of one entity."""
    return {
        "load_id": f"load_{load}",
        "load_seq": load,
        "source": "finance" if entity in FINANCE_FEED else "cases",
        "profile": "canonical",
        "entity": entity,
        "file": f"{entity}.csv",
        "delivery": "snapshot",
        "state": "loaded",
        "rows_read": rows + rejected,
        "rows_loaded": rows,
        "rows_rejected": rejected,
        "rows_superseded": 0,
        "rows_out_of_scope": 0,
        "rows_vanished": 0,
        "rows_returned": 0,
        "loaded_at": f"2024-10-0{load}T02:00:00",
    }


LOAD_FILES: Rows = [
    load_file(entity, len(rows), rejected=int(entity == "postings"))
    for entity, rows in DELIVERED.items()
]
FEEDS: dict[str, Rows] = {**DELIVERED, "load_files": LOAD_FILES, "load_errors": LOAD_ERRORS}
