"""The simulated municipality: its shape, its size, its truth. One default run serves most tests."""

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from orchestration.intake.accounts import AccountError, Chart, parse_account
from orchestration.intake.simulation import SimulationRequest, simulate
from orchestration.intake.simulation.parameters import Parameters

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "orchestration" / "intake" / "contracts" / "entities.yml"
ENTITIES = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["entities"]
SEEDS = ROOT / "dbt_project" / "seeds"
CHART = Chart.from_csv(SEEDS / "ref_functions.csv")
CUT = "2026-10-31"
FOSTER = ("1", "21", "22", "23", "24", "25", "26")
PLACEMENTS = (*FOSTER, "6", "11", "27", "9", "7", "8")
AREA = ("5.28.20", "5.28.21", "5.28.22", "5.28.23", "5.28.24", "5.28.25")
SMALL = SimulationRequest(children=800, first_month=date(2023, 7, 1), last_month=date(2024, 6, 1))

Tables = dict[str, pd.DataFrame]


def read(folder: Path) -> Tables:
    """Every CSV of a run as text, by name."""
    return {
        path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in sorted(folder.rglob("*.csv"))
    }


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    out = tmp_path_factory.mktemp("default")
    simulate(SimulationRequest(), out)
    return read(out)


@pytest.fixture(scope="module")
def ledger(tables: Tables) -> pd.DataFrame:
    """Postings with a readable account, its function and the amount as a number."""
    rows = tables["postings"].copy()
    functions = {}
    for account in rows["account"].unique():
        try:
            functions[account] = parse_account(account, CHART).function
        except AccountError:
            functions[account] = "invalid"
    rows["function"] = rows["account"].map(functions)
    rows["kr"] = rows["amount"].astype(float)
    return rows


def active(measures: pd.DataFrame, day: str) -> pd.DataFrame:
    """Measures that run on a day."""
    ended = measures["ended_on"].replace("", "9999-12-31")
    started = measures["status"].isin(["granted", "ended"]) & (measures["starts_on"] <= day)
    return measures[started & (ended >= day)]


def digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# -- shape ---------------------------------------------------------------------------------


@pytest.mark.parametrize("entity", ENTITIES)
def test_columns_stand_in_the_contracts_order(tables: Tables, entity: str) -> None:
    assert list(tables[entity].columns) == list(ENTITIES[entity]["columns"])
    assert len(tables[entity]) > 0


@pytest.mark.parametrize("entity", ENTITIES)
def test_values_keep_the_contract(tables: Tables, entity: str) -> None:
    rows, forms = (
        tables[entity],
        {
            "date": r"\d{4}-\d{2}-\d{2}",
            "timestamp": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}",
            "integer": r"-?\d+",
            "decimal": r"-?\d+(\.\d{1,4})?",
            "boolean": r"true|false",
            "cpr": r"\d{10}",
        },
    )
    for name, column in ENTITIES[entity]["columns"].items():
        values = rows[name]
        if column.get("required"):
            assert (values != "").all(), name
        filled = values[values != ""]
        if column["type"] in forms:
            assert filled.str.fullmatch(forms[column["type"]]).all(), name
        if "values" in column:
            assert set(filled) <= set(column["values"]), name


@pytest.mark.parametrize("entity", ENTITIES)
def test_keys_are_unique(tables: Tables, entity: str) -> None:
    assert not tables[entity].duplicated(ENTITIES[entity]["key"]).any()


@pytest.mark.parametrize("entity", [e for e in ENTITIES if "order" in ENTITIES[e]])
def test_nothing_ends_before_it_begins(tables: Tables, entity: str) -> None:
    for first, last in ENTITIES[entity]["order"]:
        rows = tables[entity][tables[entity][last] != ""]
        assert (rows[first] <= rows[last]).all()


def test_references_hold(tables: Tables) -> None:
    people = set(tables["children"]["cpr"])
    cases, measures = set(tables["cases"]["case_id"]), set(tables["measures"]["measure_id"])
    for entity in ("cases", "measures", "notifications", "assessments", "plans"):
        assert set(tables[entity]["cpr"]) <= people, entity
    for entity in ("measures", "assessments", "plans", "follow_ups"):
        assert set(tables[entity]["case_id"]) <= cases, entity
    for entity in ("plans", "follow_ups", "postings"):
        assert set(tables[entity]["measure_id"]) - {""} <= measures, entity
    assert set(tables["measures"]["replaces_measure_id"]) - {""} <= measures
    assert set(tables["measures"]["provider_id"]) - {""} <= set(tables["providers"]["provider_id"])
    assert set(tables["cases"]["caseworker_id"]) <= set(tables["caseworkers"]["caseworker_id"])
    assert set(tables["postings"]["cpr"]) - {""} <= people


def test_a_child_is_in_one_placement_at_a_time(tables: Tables) -> None:
    rows = tables["measures"]
    rows = rows[rows["measure_type"].isin(PLACEMENTS) & rows["status"].isin(["granted", "ended"])]
    rows = rows.sort_values(["cpr", "starts_on"])
    same = rows["cpr"] == rows["cpr"].shift()
    assert (rows["starts_on"] > rows["ended_on"].shift())[same].all()


# -- CPR -----------------------------------------------------------------------------------


def test_cpr_numbers_cannot_belong_to_anyone(tables: Tables) -> None:
    rows = tables["children"]
    born = pd.to_datetime(rows["birth_date"])
    day = rows["cpr"].str[:2].astype(int)
    assert day.between(61, 91).all()
    assert (day - 60 == born.dt.day).all()
    assert (rows["cpr"].str[2:4].astype(int) == born.dt.month).all()
    assert (rows["cpr"].str[4:6].astype(int) == born.dt.year % 100).all()
    seventh = rows["cpr"].str[6].astype(int)
    assert ((seventh >= 4) == (born.dt.year >= 2000)).all()
    assert ((rows["cpr"].str[9].astype(int) % 2 == 1) == (rows["sex"] == "M")).all()


# -- size ----------------------------------------------------------------------------------


@pytest.mark.parametrize("year", range(2018, 2026))
def test_about_190_are_placed(tables: Tables, year: int) -> None:
    placed = active(tables["measures"], f"{year}-12-31")
    assert 160 <= placed["measure_type"].isin(PLACEMENTS).sum() <= 220


@pytest.mark.parametrize("year", range(2017, 2027))
def test_the_population_stays(tables: Tables, year: int) -> None:
    born = tables["children"]["birth_date"]
    alive = (born <= f"{year}-01-01") & (born > f"{year - 23}-01-01")
    assert 9_500 <= alive.sum() <= 10_500


def test_the_mix_of_2018_is_the_customers(tables: Tables) -> None:
    kinds = active(tables["measures"], "2018-12-31")["measure_type"]
    placed = kinds[kinds.isin(PLACEMENTS)]
    assert 0.52 <= placed.isin(FOSTER).mean() <= 0.72
    assert 35 <= (placed == "27").sum() <= 60
    assert 6 <= (placed == "9").sum() <= 20
    assert 4 <= (placed == "1").sum() <= 20


def test_one_year_costs_what_the_customer_spends(ledger: pd.DataFrame) -> None:
    area = ledger[ledger["function"].isin(AREA) & (ledger["year"] == "2019")]
    assert area["kr"].sum() == pytest.approx(138e6, rel=0.15)


def test_about_a_sixth_leave_placement_in_a_year(tables: Tables) -> None:
    rows = tables["measures"][tables["measures"]["measure_type"].isin(PLACEMENTS)]
    left = []
    for year in range(2018, 2026):
        start = set(active(rows, f"{year}-01-01")["cpr"])
        left.append(len(start - set(active(rows, f"{year}-12-31")["cpr"])) / len(start))
    assert 0.12 <= np.mean(left) <= 0.23


# -- rules of the day ----------------------------------------------------------------------


def test_laws_change_with_the_day_a_measure_starts(tables: Tables) -> None:
    rows = tables["measures"]
    new = rows["starts_on"] >= "2024-01-01"
    assert rows.loc[new, "legal_basis"].str.startswith("BL § ").all()
    assert rows.loc[~new, "legal_basis"].str.startswith("SEL § ").all()
    assert not active(rows[~new], "2025-06-30").empty


def test_measure_types_are_reference_data_and_keep_their_periods(tables: Tables) -> None:
    with (SEEDS / "ref_measure_types.csv").open(encoding="utf-8", newline="") as handle:
        known = {row["measure_type"]: row for row in csv.DictReader(handle)}
    rows = tables["measures"]
    assert set(rows["measure_type"]) <= set(known)
    for key in ("21", "23", "24", "25"):
        mine = rows[rows["measure_type"] == key]
        last = known[key]["valid_to"] or "9999-12-31"
        assert (mine["starts_on"] <= last).all()
        assert (mine["ended_on"].replace("", CUT) <= last).all() or known[key]["valid_to"] == ""
    assert (rows.loc[rows["measure_type"] == "24", "starts_on"] >= "2019-07-01").all()


def test_accounts_of_types_are_those_of_the_reference_data() -> None:
    with (SEEDS / "ref_measure_types.csv").open(encoding="utf-8", newline="") as handle:
        known = {
            row["measure_type"]: f"{row['function'].replace('.', '')}-{row['grouping']}"
            for row in csv.DictReader(handle)
        }
    declared = Parameters.load(SimulationRequest())["types"]
    assert {key: kind["account"] for key, kind in declared.items()} == {
        key: known[key] for key in declared
    }


def test_foster_care_moves_to_its_own_function_in_2018(ledger: pd.DataFrame) -> None:
    share = {}
    for year in ("2017", "2018"):
        rows = ledger[ledger["year"] == year]
        share[year] = (rows["function"] == "5.28.22").sum()
    assert share["2017"] == 0
    assert share["2018"] > 1000


# -- ledger and truth ----------------------------------------------------------------------


def test_every_posting_is_accounted_for_in_truth(tables: Tables) -> None:
    truth, rows = tables["matches"], tables["postings"]
    assert set(truth["posting_id"]) == set(rows["posting_id"])
    parts = truth["amount"].map(Decimal).groupby(truth["posting_id"]).sum()
    assert (
        parts.loc[rows["posting_id"]].to_numpy() == rows["amount"].map(Decimal).to_numpy()
    ).all()


def test_corrections_leave_only_the_right_amount(tables: Tables) -> None:
    kinds = tables["matches"]["kind"].value_counts()
    assert kinds["correction_reversal"] == kinds["correction_rebooking"] > 0
    assert kinds["correction_original"] >= kinds["correction_reversal"]


def test_few_accounts_are_invalid(ledger: pd.DataFrame) -> None:
    assert 0 < (ledger["function"] == "invalid").mean() < 0.003


def test_the_ledger_has_what_ledgers_have(ledger: pd.DataFrame, tables: Tables) -> None:
    assert (ledger["posting_date"] <= CUT).all()
    assert {"0", "13"} <= set(ledger["period"])
    supplement = ledger[ledger["period"] == "13"]
    late = supplement["posting_date"].str[:4].astype(int) - supplement["year"].astype(int)
    assert (late == 1).all()
    assert 0.02 < (ledger["cpr"] == "").mean() < 0.35
    assert 0.25 < (ledger["measure_id"] != "").mean() < 0.45
    assert ledger["text"].str.contains(r"\d{6}-\d{4}").sum() > 10
    refunds = ledger[ledger["function"] == "5.22.07"]
    assert (refunds["kr"] < 0).all()
    assert not ledger[(ledger["function"] == "6.45.58") & (ledger["kr"] > 0)].empty


def test_transfers_add_up_to_nothing(tables: Tables) -> None:
    rows = tables["budget"][tables["budget"]["version"] == "transfer"]
    sums = rows["amount"].map(Decimal).groupby(rows["year"]).sum()
    assert len(sums) >= 9
    assert (sums == 0).all()


def test_the_next_budget_is_decided(tables: Tables) -> None:
    rows = tables["budget"]
    assert (rows["decided_on"] <= CUT).all()
    assert set(rows.loc[rows["year"] == "2027", "version"]) == {"original"}


def test_initiatives_save_money_in_the_end(tables: Tables) -> None:
    rows = tables["effects"]
    late = rows[rows["month"] >= "2025-01-01"]
    saved = late["saving"].astype(float).groupby(late["initiative"]).sum()
    assert (saved > 0).all()
    started = rows[(rows["month"] < "2021-01-01") & (rows["initiative"] == "network_foster_care")]
    assert (started["saving"].astype(float) == 0).all()


def test_the_expected_future_continues_the_past(ledger: pd.DataFrame, tables: Tables) -> None:
    area = ledger[ledger["function"].isin(AREA)]
    before = area[area["posting_date"].between("2025-07-01", "2026-06-30")]["kr"].sum()
    future = tables["future"]
    coming = future[future["function"].isin(AREA) & future["month"].str.startswith("2027")]
    assert sorted(future["month"].unique())[0] == "2026-11-01"
    assert future["month"].nunique() == 24
    expected = coming["expected_net_expenditure"].astype(float).sum()
    assert expected == pytest.approx(before, rel=0.15)


# -- same arguments, same bytes ------------------------------------------------------------


def test_same_request_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name in ("one", "two"):
        simulate(SMALL, tmp_path / name)
    other = SimulationRequest(800, SMALL.first_month, SMALL.last_month, seed=2)
    simulate(other, tmp_path / "other")
    assert digest(tmp_path / "one") == digest(tmp_path / "two")
    assert digest(tmp_path / "one") != digest(tmp_path / "other")


def test_another_writer_gets_the_same_rows(tmp_path: Path) -> None:
    taken: Tables = {}

    def write(entity: str, frames: Iterator[pd.DataFrame]) -> None:
        taken[entity] = pd.concat(list(frames), ignore_index=True)

    simulate(SMALL, tmp_path / "frames", write=write)
    simulate(SMALL, tmp_path / "files")
    files = read(tmp_path / "files")
    assert set(taken) == set(ENTITIES)
    assert not (tmp_path / "frames" / "cases").exists()
    for entity, frame in taken.items():
        assert list(frame.columns) == list(ENTITIES[entity]["columns"])
        pd.testing.assert_frame_equal(frame.fillna(""), files[entity], check_dtype=False)


@pytest.mark.parametrize(
    "wanted",
    [
        SimulationRequest(1, date(2020, 1, 1), date(2020, 1, 1)),
        SimulationRequest(60, date(2012, 1, 1), date(2013, 5, 1), seed=3),
        SimulationRequest(200, date(2031, 6, 1), date(2032, 12, 1), seed=7),
    ],
)
def test_the_smallest_and_the_farthest_requests_work(
    tmp_path: Path, wanted: SimulationRequest
) -> None:
    simulate(wanted, tmp_path)
    found = read(tmp_path)
    assert set(ENTITIES) <= set(found)
    assert set(found["matches"]["posting_id"]) == set(found["postings"]["posting_id"])


def test_progress_rises_to_one(tmp_path: Path) -> None:
    told: list[float] = []
    simulate(SMALL, tmp_path, progress=lambda stage, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_truth_names_its_parameters(tmp_path: Path) -> None:
    simulate(SMALL, tmp_path)
    declared = json.loads((tmp_path / "truth" / "parameters.json").read_text(encoding="utf-8"))
    assert declared["request"]["children"] == 800
    assert declared["request"]["first_month"] == "2023-07-01"
    assert not (tmp_path / "truth" / ".spool").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("children", 0), ("children", 1_000_001), ("seed", -1), ("first_month", date(2017, 1, 2))],
)
def test_an_impossible_request_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=re.compile(r"must")):
        SimulationRequest(**{field: value})  # type: ignore[arg-type]
