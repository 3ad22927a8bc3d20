"""A real council's ledger, sixty months of it, from files to forecasts.

Skips where the public ledger does not lie beside the checkout.
"""

import csv
import tarfile
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.conftest import ROOT, Municipality

ARCHIVE = ROOT.parent / "shared" / "data" / "real-ledger-2017-04_2022-03.tar.xz"
AREA = "Children's Services"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.real_data,
    pytest.mark.skipif(
        not ARCHIVE.is_file(), reason="the public ledger is not beside the checkout"
    ),
]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ledger")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.rglob("*.csv")).parent


@pytest.fixture(scope="module")
def council(ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Municipality:
    municipality = Municipality(tmp_path_factory.mktemp("council"))
    municipality.configure(finance=("council_spending", ledger))
    municipality.run("run")
    return municipality


def query(municipality: Municipality, sql: str) -> list[tuple]:
    path = municipality.current / "serving.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_months_and_expense_types_agree_to_the_penny(council: Municipality, ledger: Path) -> None:
    expected: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for path in ledger.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as handle:
            for row in csv.DictReader(handle):
                if row["Expense Area"] == AREA:
                    amount = Decimal(row["Amount"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
                    expected[row["Date"][:7], row["Expense Type"].strip()] += amount
    found = query(
        council,
        "select strftime(c.posting_date, '%Y-%m'), a.grouping, sum(c.amount)"
        " from marts.fct_cost c join marts.dim_account a using (account_key) group by 1, 2",
    )
    assert {(month, kind): total for month, kind, total in found} == dict(expected)


def test_every_row_of_all_sixty_files_is_accounted_for(council: Municipality, ledger: Path) -> None:
    rows = query(
        council,
        "select file, rows_read, rows_loaded, rows_rejected, rows_superseded, rows_out_of_scope"
        " from reporting.rpt_load",
    )
    assert len(rows) == 60
    for file, read, loaded, *others in rows:
        with (ledger / file).open(encoding="utf-8-sig", newline="") as handle:
            areas = Counter(row["Expense Area"] for row in csv.DictReader(handle))
        assert read == loaded + sum(others) == areas.total(), file
        assert loaded == areas[AREA], file


def test_forecasts_for_the_childrens_series_are_published(council: Municipality) -> None:
    ((series, first),) = query(
        council,
        "select count(distinct series_id), min(target_month) from marts.fct_forecast"
        " where series_id like 'measure_type=local:%'",
    )
    assert series >= 10
    assert str(first) == "2022-04-01"
    (total,) = query(
        council,
        "select mean, p10, p90 from marts.fct_outturn where year = 2022 and level = 'total'",
    )
    assert total[1] < total[0] < total[2]


def test_the_listing_shows_what_was_odd(council: Municipality) -> None:
    listing = council.run("errors").stdout
    assert "amount_noise" in listing
