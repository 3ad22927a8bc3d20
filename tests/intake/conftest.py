"""A place to load into, and short ways to deliver files and look at the raw layer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.intake.accounts import Chart
from orchestration.intake.arrivals import Source
from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.entity_load import chart_hash
from orchestration.intake.load import Limits, LoadReport, Workplace, load_source
from orchestration.intake.profiles import Profile, canonical
from orchestration.intake.raw_store import RawStore
from orchestration.intake.sources.folder import FolderOrigin

FUNCTIONS = Path(__file__).parents[2] / "dbt_project" / "seeds" / "ref_functions.csv"
SECRET = Pseudonymiser(b"a key of the tests, thirty-two b")
TOLERANT = Limits(max_rejected_share=1.0, max_row_drop=1.0)


@pytest.fixture(scope="session")
def chart() -> Chart:
    return Chart.from_csv(FUNCTIONS)


@dataclass
class House:
    """A municipality's folder of deliveries and what was loaded from it."""

    place: Workplace
    folder: Path
    profile: Profile

    def deliver(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(self) -> LoadReport | None:
        return load_source(
            Source("cases", self.profile, FolderOrigin(self.folder, "cases")), self.place
        )

    def loaded(self) -> LoadReport:
        report = self.load()
        assert report is not None
        for count in report.counts:
            count.check()
        return report

    def strict(self) -> "House":
        return replace(self, place=replace(self.place, limits=Limits()))

    def rows(self, table: str, columns: str = "*", where: str = "true") -> list[tuple[Any, ...]]:
        glob = self.place.store.glob(table)
        query = f"select {columns} from read_parquet('{glob}') where {where} order by all"
        with duckdb.connect() as connection:
            return connection.execute(query).fetchall()

    def rules(self) -> list[tuple[Any, ...]]:
        """Rule, row and column of everything that was found."""
        return self.rows("load_errors", "rule, row_number, column_name")


@pytest.fixture
def house(tmp_path: Path, chart: Chart) -> House:
    return make_house(tmp_path, chart, canonical("cases"))


@pytest.fixture
def ledger(tmp_path: Path, chart: Chart) -> House:
    return make_house(tmp_path, chart, canonical("finance"))


def make_house(root: Path, chart: Chart, profile: Profile, limits: Limits = TOLERANT) -> House:
    store = RawStore(root / "raw")
    store.prepare()
    place = Workplace(
        store=store,
        landing=root / "landing",
        secret=SECRET,
        chart=chart,
        chart_hash=chart_hash(FUNCTIONS.read_bytes()),
        limits=limits,
    )
    folder = root / "delivered"
    folder.mkdir(exist_ok=True)
    return House(place, folder, profile)


POSTING = "posting_id,posting_date,period,year,account,amount,cpr,cvr,measure_id,voucher,text"


def postings(rows: Iterable[str]) -> str:
    """A canonical file of postings; each row is `id,date,…`, short rows are filled up."""
    lines = [row + "," * (10 - row.count(",")) if '"' not in row else row for row in rows]
    return "\n".join([POSTING, *lines]) + "\n"


def posting(number: int, amount: str = "100.00", more: str = "") -> str:
    return f"P{number},2024-03-01,3,2024,5282010010003146,{amount}{more}"
