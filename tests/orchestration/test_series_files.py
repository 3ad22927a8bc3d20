"""Tables handed in and taken away, and which series of the published run are tried."""

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestration.published_series import published_series
from orchestration.refusal import Refusal
from orchestration.series_files import read_table, require_suffix, write_table
from orchestration.settings import ConfigurationError
from orchestration.state import State


@pytest.mark.parametrize("suffix", ["csv", "parquet", "CSV"])
def test_what_is_written_is_read_again(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "new" / f"it's.{suffix}"
    table = pd.DataFrame({"series_id": ["a"], "month": pd.to_datetime(["2024-01-01"])})
    require_suffix(path)
    write_table(table, path, months=("month",))
    found = read_table(path)
    assert str(found["month"][0])[:10] == "2024-01-01"
    assert found["series_id"].tolist() == ["a"]


def test_wrong_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"must end in \.csv or \.parquet"):
        require_suffix(tmp_path / "a.xlsx")
    with pytest.raises(ConfigurationError, match="there is no file"):
        read_table(tmp_path / "a.csv")
    broken = tmp_path / "a.parquet"
    broken.write_bytes(b"no table")
    with pytest.raises(Refusal, match="cannot be read as a table"):
        read_table(broken)


def published(folder: Path) -> State:
    """A published run with two bottom series and one type of placement."""
    state = State(folder)
    state.current.mkdir(parents=True)
    identity = '"run_id": "r", "as_of": "2024-03-31", "load_ids": [], "code_version": "1"'
    text = f'{{{identity}, "data_version": "a", "published_at": "2024-04-01", "files": []}}'
    (state.current / "manifest.json").write_text(text, encoding="utf-8")
    with duckdb.connect(str(state.current / "serving.duckdb")) as connection:
        connection.execute("""
            create schema marts; create schema reporting;
            create table reporting.rpt_run as select date '2024-03-31' as as_of,
                date '2024-03-01' as last_complete_month, date '2024-01-01' as first_month;
            create table marts.fct_cost as from (values
                ('f', '27', date '2024-01-01', date '2024-01-31', 100.0),
                ('f', '27', date '2024-03-01', date '2024-03-31', 50.0),
                ('g', '27', date '2024-03-01', date '2024-04-02', 7.0),
                ('g', '27', date '2024-02-01', date '2024-02-02', 5.0)
            ) as t (series_function, measure_type, posting_month, posting_date, amount);
            create table marts.dim_measure_type as select 1 as measure_type_key,
                'placement' as category;
            create table marts.fct_measure_month as from (values
                (1, '27', date '2024-01-01', 0.08), (1, '27', date '2024-02-01', 0.08),
                (1, '27', date '2024-04-01', 0.08)
            ) as t (measure_type_key, measure_type, month, full_year_persons);
            create table marts.fct_measure as select 'ended' as status,
                date '2023-01-01' as starts_on, date '2024-02-10' as ended_on;
        """)
    return state


def test_the_published_series_are_those_that_were_forecast(tmp_path: Path) -> None:
    money, persons = published_series(published(tmp_path))
    assert money.measure == "net_expenditure"
    # Booked after the as-of date is not known yet.
    assert money.history["value"].tolist() == [100.0, 50.0, 5.0]
    first, second = "function=f|measure_type=27", "function=g|measure_type=27"
    assert money.groups["function"] == {"function=f": [first], "function=g": [second]}
    assert money.groups["total"] == {"total": [first, second]}
    # Before the first recorded end the case system tells only what still ran.
    assert [day.date() for day in persons.history["month"]] == [date(2024, 2, 1)]
    assert persons.decimals == 4


def test_nothing_published_is_said(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="nothing is published yet"):
        published_series(State(tmp_path))
