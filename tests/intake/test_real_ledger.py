"""A real council's published ledger through its profile, to the penny, in every shape it came in.

The files lie beside the checkout (see tests' `real_data`); without them these tests are skipped.
"""

import csv
import os
import re
import tarfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from orchestration.intake.accounts import Chart
from orchestration.intake.load import Limits
from orchestration.intake.profiles import find_profile
from tests.intake.conftest import House, make_house

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("RAADERUM_REAL_DATA", ROOT.parent / "shared" / "data"))
PENNY = Decimal("0.01")
Sums = dict[tuple[date, str], Decimal]

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the public ledger is not at {DATA}"),
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("ledger")
    (archive,) = DATA.glob("real-ledger-*.tar.xz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return sorted(folder.rglob("*.csv"))


def independent(files: list[Path]) -> tuple[Sums, dict[str, tuple[int, int]]]:
    """Sum per month and expense type, and rows and rows in scope per file: csv and Decimal only."""
    sums: Sums = defaultdict(Decimal)
    counts: dict[str, tuple[int, int]] = {}
    for path in files:
        read = ours = 0
        with path.open(encoding="utf-8-sig", newline="") as handle:
            for row in csv.DictReader(handle):
                read += 1
                if not re.search("child|young p", row["Expense Area"], re.IGNORECASE):
                    continue
                ours += 1
                month = date.fromisoformat(row["Date"].strip()[:10]).replace(day=1)
                amount = Decimal(row["Amount"].strip())
                sums[month, row["Expense Type"].strip()] += amount.quantize(PENNY, ROUND_HALF_UP)
        counts[path.name] = (read, ours)
    return dict(sums), counts


def loaded_sums(house: House, load_id: str) -> Sums:
    rows = house.rows(
        "postings",
        "cast(date_trunc('month', posting_date) as date), account_grouping, sum(amount)",
        f"_load_id = '{load_id}' group by all",
    )
    return {(month, kind): amount for month, kind, amount in rows}


def ledger_house(root: Path, chart: Chart) -> House:
    return make_house(root, chart, find_profile("council_spending", "finance"), Limits())


@pytest.mark.slow
def test_all_files_load_to_the_penny(tmp_path: Path, chart: Chart, files: list[Path]) -> None:
    house = ledger_house(tmp_path, chart)
    for path in files:
        house.deliver(path.name, path.read_bytes())
    report = house.loaded()
    assert report.stopped_because == ()
    sums, counts = independent(files)
    assert len(report.counts) == len(files) == 60
    for count in report.counts:
        read, ours = counts[count.file]
        assert (count.failed, count.rows_read) == (False, read)
        assert count.rows_out_of_scope == read - ours
        assert count.rows_loaded + count.rows_rejected + count.rows_superseded == ours
        assert (count.rows_rejected, count.rows_superseded) == (0, 0)
    assert loaded_sums(house, report.load_id) == sums
    assert house.rows("postings", "distinct account_scheme, account_function") == [
        ("local", "Children's Services")
    ]
    assert {rule for rule, _, _ in house.rules()} == {"amount_noise"}


@dataclass(frozen=True)
class Shape:
    """Another way in which the same month might be published."""

    encoding: str = "utf-8"
    header: Callable[[str], str] = str
    day: str = "%Y-%m-%d 00:00:00"
    amount: Callable[[Decimal], str] = str
    area: str | None = None
    quoting: int = csv.QUOTE_MINIMAL


def in_pounds(amount: Decimal) -> str:
    return f" £{amount:,.2f} " if amount >= 0 else f"(£{-amount:,.2f})"


SHAPES = {
    "padded headers, Danish order of days": Shape(
        header=lambda name: f"  {name.upper()} ", day="%d/%m/%Y"
    ),
    "month names, thousands, cp1252": Shape(
        encoding="cp1252", day="%d-%b-%y", amount=lambda amount: f" {amount:,.2f} "
    ),
    "byte-order mark, pounds, all quoted": Shape(
        encoding="utf-8-sig", amount=in_pounds, quoting=csv.QUOTE_ALL, day="%d/%m/%y"
    ),
    "another name for the area, trailing minus": Shape(
        area="Children & Younger Persons",
        amount=lambda amount: f"{abs(amount)}-" if amount < 0 else str(amount),
        day="%d %B %Y",
    ),
    "other names of columns": Shape(
        header=lambda name: {
            "Date": "Payment Date",
            "Amount": "Net Amount",
            "Expense Area": "Service Area",
            "Expense Type": "Expenditure Type",
            "Supplier Name": "Beneficiary Näme £",
        }.get(name, name),
        encoding="cp1252",
        day="%Y%m%d",
    ),
}


def rewrite(source: Path, target: Path, shape: Shape) -> None:
    with (
        source.open(encoding="utf-8-sig", newline="") as handle,
        target.open("w", encoding=shape.encoding, newline="") as out,
    ):
        reader = csv.DictReader(handle)
        names = list(reader.fieldnames or ())
        writer = csv.writer(out, quoting=shape.quoting)
        writer.writerow([shape.header(name) for name in names])
        for row in reader:
            day = datetime.fromisoformat(row["Date"])
            row["Date"] = day.strftime(shape.day)
            row["Amount"] = shape.amount(Decimal(row["Amount"]).quantize(PENNY, ROUND_HALF_UP))
            row["Supplier Name"] += " café"
            if shape.area and "Child" in row["Expense Area"]:
                row["Expense Area"] = shape.area
            writer.writerow([row[name] for name in names])


@pytest.mark.parametrize("name", SHAPES)
def test_the_same_month_in_another_shape_is_the_same_money(
    tmp_path: Path, chart: Chart, files: list[Path], name: str
) -> None:
    chosen = [files[0], files[-1]]
    house = ledger_house(tmp_path, chart)
    for path in chosen:
        rewrite(path, house.folder / path.name, SHAPES[name])
    report = house.loaded()
    sums, counts = independent(chosen)
    assert report.stopped_because == ()
    assert [count.rows_read for count in report.counts] == [counts[p.name][0] for p in chosen]
    assert sum(count.rows_rejected for count in report.counts) == 0
    assert loaded_sums(house, report.load_id) == sums
    assert house.rows("postings", "distinct account_function") == [("Children's Services",)]
