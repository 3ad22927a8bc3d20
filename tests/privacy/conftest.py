"""A small municipality in the raw layer, with a history, to take persons out of."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from exports.cockpit import unpacked
from orchestration.intake.accounts import Chart
from orchestration.intake.profiles import canonical
from orchestration.privacy.keys import require_same_key
from orchestration.state import State
from tests.intake.conftest import FUNCTIONS, SECRET, House, make_house, posting, postings

GONE, STAYS = "0101175234", "0201175234"
FILES = {
    "children.csv": "cpr,birth_date,sex,household_id\n"
    f"{GONE},2017-01-01,M,H1\n{STAYS},2017-01-02,F,H2\n",
    "cases.csv": "case_id,cpr,opened_on,closed_on\n"
    f"S1,{GONE},2015-01-01,2016-01-01\nS2,{STAYS},2020-01-01,\n",
    "measures.csv": "measure_id,case_id,cpr,legal_basis,starts_on,ended_on\n"
    f"M1,S1,{GONE},BL § 32,2015-02-01,2015-12-01\nM2,S2,{STAYS},BL § 32,2020-02-01,\n",
    "notifications.csv": "notification_id,cpr,received_at,reporter\n"
    f"N1,{GONE},2014-12-01 10:00:00,school\nN2,{STAYS},2019-12-01 10:00:00,school\n",
    "follow_ups.csv": "follow_up_id,case_id,measure_id,kind,due_on\n"
    "F1,S1,,follow_up,2015-06-01\nF2,S2,,follow_up,2020-06-01\n"
    "F3,S2,M1,follow_up,\nF4,S1,,follow_up,99-99-99\n",
    "plans.csv": "plan_id,case_id,cpr,decided_on\n"
    f"PL-{GONE},S1,{GONE},2015-03-01\nPL2,S2,{STAYS},2020-03-01\n",
}
LEDGER = postings(
    [
        posting(1, "100.01", f",{GONE},12345678,M1,bilag 1,tekst om barnet"),
        posting(2, "200.02", f",{STAYS},12345678,M2,bilag 2,tekst"),
        posting(3, "300.03", ",,12345678,M1,bilag 3,uden person"),
        posting(4, "400.04", ",,,,bilag 4,uden alt"),
    ]
)

KEYS = {
    "children": "_source || '|' || person_id",
    "cases": "_source || '|' || case_id",
    "postings": "_source || '|' || posting_id",
}


@pytest.fixture
def state(tmp_path: Path) -> State:
    found = State(tmp_path / "home")
    found.prepare()
    return found


@pytest.fixture
def house(tmp_path: Path, state: State) -> House:
    """Everything delivered twice, the second time with one more column's worth of news."""
    made = make_house(state.home, Chart.from_csv(FUNCTIONS), canonical("cases"))
    made = replace(made, folder=tmp_path / "delivered")
    made.folder.mkdir()
    require_same_key(state.raw, SECRET.key)
    for name, text in FILES.items():
        made.deliver(name, text)
    made.loaded()
    made.deliver("children.csv", FILES["children.csv"].replace(",F,", ",M,"))
    made.loaded()
    return made


@pytest.fixture
def ledger(tmp_path: Path, state: State, house: House) -> House:
    """The same municipality's ledger, in the same raw layer."""
    made = replace(house, profile=canonical("finance"), folder=tmp_path / "ledger")
    made.folder.mkdir()
    made.deliver("postings.csv", LEDGER)
    made.loaded()
    return made


@pytest.fixture
def history(state: State, ledger: House) -> State:
    """A warehouse with a history of cases and postings, and a mart."""
    with duckdb.connect(str(state.warehouse)) as connection:
        connection.execute("create schema history; create schema marts")
        for entity in ("cases", "children", "postings"):
            glob = ledger.place.store.glob(entity)
            made = f"select *, {KEYS[entity]} as record_key from read_parquet('{glob}')"
            connection.execute(f"create table history.hist_{entity} as {made}")
        connection.execute("create table marts.dim_child as from history.hist_children")
    return state


def everything(state: State) -> str:
    """Every value and byte under the state folder outside the landing area."""
    found = []
    for path in sorted(state.home.rglob("*")):
        if not path.is_file() or state.landing in path.parents:
            continue
        found += [path.name, path.read_bytes().decode("latin-1")]
        if path.parent.name.startswith("cockpit"):
            found.append(repr(unpacked(path.read_text("utf-8"))))
        with duckdb.connect() as connection:
            if path.suffix == ".parquet":
                found += map(repr, connection.execute(f"from '{path.as_posix()}'").fetchall())
            if path == state.warehouse:
                connection.execute(f"attach '{path.as_posix()}' as w (read_only)")
                for schema, name in connection.execute(
                    "select schema_name, table_name from duckdb_tables() where database_name = 'w'"
                ).fetchall():
                    rows = connection.execute(f"from w.{schema}.{name}").fetchall()
                    found += map(repr, rows)
    return "\n".join(found)
