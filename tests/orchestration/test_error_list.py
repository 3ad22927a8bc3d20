"""`raaderum errors`: the lists, what narrows them, and what a spreadsheet may do with them."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.error_list import Wanted, findings
from orchestration.intake.accounts import Chart
from orchestration.intake.profiles import canonical
from orchestration.settings import ConfigurationError
from orchestration.state import State
from tests.intake.conftest import FUNCTIONS, House, make_house

ROWS = (
    "posting_id,posting_date,year,account,amount\n"
    "=1+1,2024-03-01,2024,5.28.20,many\nP2,2024-03-01,2024,5.28.20,1\nP2,2024-03-01,2024,5.28.20,2\n"
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = make_house(tmp_path, Chart.from_csv(FUNCTIONS), canonical("finance"))
    made.deliver("postings.csv", ROWS)
    made.loaded()
    return made


def test_findings_of_loading_are_narrowed_by_rule_and_severity(
    house: House, tmp_path: Path
) -> None:
    state = State(tmp_path)
    assert findings(state, Wanted()).by_rule == [("amount", 1), ("row_superseded", 1)]
    assert findings(state, Wanted(severity="error")).total == 1
    (row,) = findings(state, Wanted(rule="row_superseded", language="da")).rows
    assert "erstattet" in str(row)
    assert "P2" in row


def test_a_team_has_its_own_list(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.current.mkdir(parents=True)
    with duckdb.connect(str(state.current / "serving.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.dim_organisation as select unnest(['Unge', 'Familie']) as team"
        )
        connection.execute(
            "create table marts.fct_quality_finding as select team, 'w' as caseworker_id,"
            " 'measures' as entity, id as record_id, 'k' as case_id,"
            " 'measure_without_price' as rule, 'warning' as severity, 'da' as message_da,"
            " 'en' as message_en, 'gør' as remedy_da, 'do' as remedy_en,"
            " date '2024-01-01' as since, age as age_days, null as file,"
            " null as row_number, null as column_name"
            " from (values ('Unge', 'M1', 3), ('Unge', 'M2', 9), ('Familie', 'M3', 1))"
            " as t (team, id, age)"
        )
    found = findings(state, Wanted(team="Unge", language="da"))
    assert [(row[3], row[8], row[10]) for row in found.rows] == [("M2", "gør", 9), ("M1", "gør", 3)]
    assert findings(state, Wanted(rule="measure_without_price")).total == 3
    with pytest.raises(ConfigurationError, match="the teams are Familie, Unge"):
        findings(state, Wanted(team="Nobody"))


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Wanted(rule="nonsense"), "there is no rule nonsense"),
        (Wanted(load="x", team="Unge"), "leave --load out"),
        (Wanted(team="Unge"), "nothing is published yet"),
    ],
)
def test_what_cannot_be_listed_is_said(tmp_path: Path, wanted: Wanted, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        findings(State(tmp_path), wanted)


def test_a_formula_in_a_list_does_not_run(house: House, tmp_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("raaderum"), "errors", "--csv", "--severity", "error"],
        env={**os.environ, "RAADERUM_HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    (row,) = csv.DictReader(done.stdout.splitlines())
    assert row["record_id"] == "'=1+1"
    assert row["message"].startswith("amount er ikke")
