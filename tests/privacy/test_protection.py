"""Protection of name and address, whenever it comes."""

from pathlib import Path

import duckdb
import pytest

from orchestration.intake.accounts import Chart
from orchestration.intake.profiles import canonical
from orchestration.privacy.protection import Protected, protect
from orchestration.state import State
from tests.intake.conftest import FUNCTIONS, House, make_house

HEAD = "cpr,birth_date,sex,district,postal_code,address_protected,household_id\n"
CHILD, BROTHER, OTHER = "0101175234", "0201165234", "0301165234"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return make_house(tmp_path, Chart.from_csv(FUNCTIONS), canonical("cases"))


def deliver(house: House, protected: str) -> None:
    house.deliver(
        "children.csv",
        HEAD + f"{CHILD},,M,Øst,4780,{protected},H1\n"
        f"{BROTHER},,M,Øst,4780,false,H1\n{OTHER},,F,Vest,4760,false,H2\n",
    )
    house.loaded()


def places(house: House) -> list[tuple]:
    return house.rows("children", "distinct _load_seq, district, postal_code")


def test_protection_that_comes_later_reaches_earlier_loads_and_the_household(
    house: House, tmp_path: Path
) -> None:
    state = State(tmp_path)
    deliver(house, "false")
    assert protect(state) == Protected(0, 0)
    assert not state.older_runs_go.exists()
    deliver(house, "true")
    # Two rows of the first load, and the brother's of the second: the child's own came empty.
    assert protect(state) == Protected(3, 0)
    assert state.older_runs_go.exists()
    assert places(house) == [
        (1, "Vest", "4760"),
        (1, None, None),
        (2, "Vest", "4760"),
        (2, None, None),
    ]
    assert protect(state) == Protected(0, 0)


def test_history_forgets_the_place_and_keeps_the_rest(house: House, tmp_path: Path) -> None:
    state = State(tmp_path)
    state.warehouse.parent.mkdir()
    deliver(house, "false")
    glob = house.place.store.glob("children")
    with duckdb.connect(str(state.warehouse)) as connection:
        connection.execute("create schema history; create schema marts")
        connection.execute(f"create table history.hist_children as from read_parquet('{glob}')")
        connection.execute("create table marts.dim_child as from history.hist_children")
    deliver(house, "true")
    assert protect(state).history == 2
    with duckdb.connect(str(state.warehouse), read_only=True) as connection:
        assert connection.execute(
            "select district, count(*) from history.hist_children group by 1 order by 1"
        ).fetchall() == [("Vest", 1), (None, 2)]
        assert connection.execute("select count(*) from duckdb_tables()").fetchone() == (1,)
    assert b"\xc3\x98st" not in state.warehouse.read_bytes()
