"""Deliveries from a database, against a real PostgreSQL and MariaDB: whole, by changes, exact."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from orchestration.intake.arrivals import Source
from orchestration.intake.load import LoadReport, load_source
from orchestration.intake.profiles import canonical
from orchestration.intake.sources import open_source
from orchestration.intake.sources.base import Context, LocationError, SourceUnavailableError
from orchestration.intake.sources.dialects import dialect_of, with_driver
from orchestration.intake.sources.options import SourceOptions
from tests.intake.conftest import House
from tests.servers.mariadb import MariaDB
from tests.servers.postgresql import PostgreSQL


class Product(Protocol):
    """What the tests say to a server in its own words."""

    @property
    def url(self) -> str: ...

    def sql(self, schema: str | None, statement: str, values: tuple[object, ...] = ()) -> None: ...

    table: str
    slow: str
    """A view's query that takes longer than it may."""
    writer: str
    """A function that writes when it is asked for its value."""


@dataclass
class OnPostgreSQL:
    server: PostgreSQL
    table = """
    create table postings (
        posting_id text, posting_date date, period int, year int, account text, amount numeric,
        cpr text, text text, secret_note text, updated_at timestamptz
    )"""
    slow = "select p.* from postings p, (select pg_sleep(30)::text as s) z"
    writer = """
    create function f() returns text language plpgsql volatile set search_path from current as
    $$ begin insert into postings (posting_id) values ('X'); return 'X'; end $$"""

    @property
    def url(self) -> str:
        return self.server.url

    def sql(self, schema: str | None, statement: str, values: tuple[object, ...] = ()) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"set search_path to {schema or 'public'}")  # type: ignore[arg-type]
            connection.execute(statement, values)  # type: ignore[arg-type]


@dataclass
class OnMariaDB:
    server: MariaDB
    table = """
    create table postings (
        posting_id varchar(40), posting_date date, period int, year int, account text,
        amount decimal(38, 10), cpr text, text text, secret_note text, updated_at datetime(6)
    )"""
    # A sleep that is ended is no error there.
    slow = (
        "select * from postings where"
        " (select count(*) from seq_1_to_1000000 a, seq_1_to_1000000 b where a.seq <> b.seq) > 0"
    )
    writer = """
    create function f() returns varchar(1)
    begin insert into postings (posting_id) values ('X'); return 'X'; end"""

    @property
    def url(self) -> str:
        return self.server.url

    def sql(self, schema: str | None, statement: str, values: tuple[object, ...] = ()) -> None:
        # Its moments have no zone.
        plain = tuple(
            value.removesuffix("+00") if isinstance(value, str) else value for value in values
        )
        with self.server.connect(schema) as connection, connection.cursor() as cursor:
            cursor.execute(statement, plain or None)


@dataclass
class Ledger:
    """A ledger in a schema of its own, and the settings of the source."""

    house: House
    product: Product
    schema: str
    table: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def sql(self, statement: str, *values: object) -> None:
        self.product.sql(self.schema, statement, values)

    def put(self, name: str, amount: str, changed: str | None = "2024-03-02 10:00+00") -> None:
        self.sql(
            "insert into postings values (%s, '2024-03-01', 3, 2024, '5282010010003146',"
            " %s, null, 'Æblegrød; \"x\"', 'nobody reads this', %s)",
            name,
            amount,
            changed,
        )

    def source(self, url: str | None = None) -> Source:
        table = {"table": f"{self.schema}.postings", **self.table}
        options = SourceOptions.model_validate(
            {"attempts": 1, "tables": {"postings": table}, **self.options}
        )
        context = Context(
            "finance", options, self.house.folder, lambda _: None, canonical("finance")
        )
        return Source(
            "finance", canonical("finance"), open_source(url or self.product.url, context)
        )

    def load(self) -> LoadReport | None:
        return load_source(self.source(), self.house.place)

    def held(self) -> dict[str, str]:
        """The newest delivered amount of every posting."""
        rows = self.house.rows("postings", "posting_id, amount::varchar, _load_seq")
        return {name: amount for name, amount, _ in sorted(rows, key=lambda row: row[2])}

    def deliveries(self) -> list[tuple[Any, ...]]:
        return self.house.rows("load_files", "load_seq, delivery, rows_read")


def _ledger(house: House, product: Product) -> Ledger:
    schema = f"s{uuid4().hex[:8]}"
    product.sql(None, f"create schema {schema}")
    found = Ledger(house, product, schema)
    found.sql(product.table)
    return found


@pytest.fixture(params=["postgresql", "mariadb"])
def database(ledger: House, request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """The ledger on every product that has a server here."""
    server = request.getfixturevalue(request.param)
    product = OnPostgreSQL(server) if isinstance(server, PostgreSQL) else OnMariaDB(server)
    found = _ledger(ledger, product)
    yield found
    cascade = " cascade" if isinstance(server, PostgreSQL) else ""
    found.sql(f"drop schema {found.schema}{cascade}")


@pytest.fixture
def on_postgresql(ledger: House, postgresql: PostgreSQL) -> Iterator[Ledger]:
    """The ledger on the one product that has what the test needs."""
    found = _ledger(ledger, OnPostgreSQL(postgresql))
    yield found
    found.sql(f"drop schema {found.schema} cascade")


def test_a_table_is_read_with_exact_amounts(database: Ledger) -> None:
    database.put("P1", "12345678901234.10")
    database.put("P2", "-0.01")
    database.put("P3", "1E+3")
    assert database.load() is not None
    assert database.held() == {"P1": "12345678901234.10", "P2": "-0.01", "P3": "1000.00"}
    assert database.house.rows("postings", "posting_date::varchar, text", "posting_id = 'P1'")[
        0
    ] == ("2024-03-01", 'Æblegrød; "x"')


def test_what_the_profile_does_not_know_is_told_and_not_read(database: Ledger) -> None:
    database.put("P1", "1")
    database.load()
    rules = database.house.rows("load_errors", "rule, column_name")
    assert ("column_unknown", "secret_note") in rules
    landed = b"".join(path.read_bytes() for path in database.house.place.landing.rglob("*.parquet"))
    assert landed
    assert b"nobody reads this" not in landed


def test_an_unchanged_table_is_an_unchanged_night(database: Ledger) -> None:
    """Whatever order the database hands its rows out in."""
    for number in range(50):
        database.put(f"P{number}", f"{number}.50")
    assert database.load() is not None
    database.sql("update postings set text = text where posting_id < 'P3'")
    assert database.load() is None


def test_changes_come_with_an_overlap(database: Ledger) -> None:
    database.table = {"changed_by": "updated_at"}
    database.put("OLD", "1", "2024-01-01 00:00+00")
    database.put("P1", "1", "2024-03-02 10:00+00")
    database.put("UNDATED", "5", None)
    assert database.load() is not None
    assert database.load() is None, "nothing changed, whatever the overlap holds"
    # Committed late: its change is older than the newest one that was seen.
    database.put("LATE", "2", "2024-03-01 10:00+00")
    database.put("NEW", "3", "2024-03-05 10:00+00")
    database.sql("update postings set amount = 9, updated_at = '2024-03-06' where posting_id='P1'")
    assert database.load() is not None
    assert database.deliveries() == [(1, "snapshot", 3), (2, "changes", 4)]
    assert database.held() == {
        "OLD": "1.00",
        "P1": "9.00",
        "UNDATED": "5.00",
        "LATE": "2.00",
        "NEW": "3.00",
    }
    assert database.load() is None


def test_a_change_that_is_undone_is_a_change(database: Ledger) -> None:
    database.table = {"changed_by": "updated_at"}
    for amount, day in (("1", "02"), ("2", "03"), ("1", "04")):
        database.sql("delete from postings")
        database.put("P1", amount, f"2024-03-{day} 10:00+00")
        assert database.load() is not None
    assert database.held() == {"P1": "1.00"}


def test_a_deleted_row_is_noticed_by_a_whole_reading_only(database: Ledger) -> None:
    database.table = {"changed_by": "updated_at"}
    database.put("P1", "1")
    database.put("P2", "2")
    database.load()
    database.sql("delete from postings where posting_id = 'P1'")
    database.put("P3", "3")
    database.load()
    database.table = {"changed_by": "updated_at", "full_every_days": 0.000_000_01}
    assert database.load() is not None
    assert [kind for _, kind, _ in database.deliveries()] == ["snapshot", "changes", "snapshot"]


def test_a_change_dated_in_the_future_hides_nothing(database: Ledger) -> None:
    database.table = {"changed_by": "updated_at"}
    database.put("P1", "1", "2099-01-01 00:00+00")
    database.put("P2", "2", "2024-03-02 00:00+00")
    database.load()
    database.put("P3", "3", "2024-03-03 00:00+00")
    assert database.load() is not None
    assert "P3" in database.held()


def test_a_load_that_was_stopped_does_not_count(database: Ledger) -> None:
    """Its rows come again, whole."""
    database.table = {"changed_by": "updated_at"}
    strict = database.house.strict()
    database.put("P1", "1")
    database.sql("insert into postings (posting_id) values ('BROKEN')")
    report = load_source(database.source(), strict.place)
    assert report is not None
    assert report.stopped_because
    database.sql("delete from postings where posting_id = 'BROKEN'")
    assert load_source(database.source(), strict.place) is not None
    assert database.held() == {"P1": "1.00"}
    assert database.deliveries()[-1] == (2, "snapshot", 1)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"table": "nowhere.postings"}, "check the table's name"),
        ({"changed_by": "text"}, "no column text with a date or moment"),
    ],
)
def test_a_table_that_is_not_as_configured(
    database: Ledger, table: dict[str, str], said: str
) -> None:
    database.table = table
    with pytest.raises(SourceUnavailableError, match=said):
        database.load()


def test_no_number_is_no_amount(on_postgresql: Ledger) -> None:
    on_postgresql.put("P1", "NaN")
    with pytest.raises(SourceUnavailableError, match="column amount holds NaN"):
        on_postgresql.load()


def test_a_statement_that_takes_too_long_is_ended(database: Ledger) -> None:
    database.sql(f"create view slow as {database.product.slow}")
    database.put("P1", "1")
    database.table = {"table": f"{database.schema}.slow"}
    database.options = {"read_seconds": 0.5}
    with pytest.raises(SourceUnavailableError, match="raise read_seconds"):
        database.load()


def test_the_transaction_can_write_nothing(database: Ledger) -> None:
    database.sql(database.product.writer)
    database.sql("create view writing as select f() as posting_id")
    database.table = {"table": f"{database.schema}.writing"}
    with pytest.raises(SourceUnavailableError, match=r"(?i)read.only transaction"):
        database.load()


def test_a_server_that_is_gone_is_named(database: Ledger) -> None:
    nowhere = make_url(database.product.url).set(port=1).render_as_string()
    with pytest.raises(SourceUnavailableError, match="check the network"):
        database.source(nowhere).origin.offered()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://me:secret@127.0.0.1/x", "does not belong in location"),
        ("oracle://me@127.0.0.1/x", r"raaderum\[oracle\]"),
        ("mssql+pyodbc://me@127.0.0.1/x", r"raaderum\[mssql\]"),
        ("ftp://me@127.0.0.1/x", "no known kind of location"),
    ],
)
def test_a_location_that_cannot_work(on_postgresql: Ledger, url: str, said: str) -> None:
    with pytest.raises(LocationError, match=said):
        on_postgresql.source(url)


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_a_url_without_a_driver_gets_the_products(product: str) -> None:
    url = with_driver(make_url(f"{product}://me@127.0.0.1/x"))
    assert url.drivername == f"{product}+pymysql"
    assert dialect_of(url).extra == "mariadb"


def test_a_user_who_may_not_in_is_told_which_password_is_meant(database: Ledger) -> None:
    stranger = make_url(database.product.url).set(username="stranger").render_as_string()
    with pytest.raises(SourceUnavailableError, match="SECRET_FINANCE_PASSWORD"):
        database.source(stranger).origin.offered()
