"""What database products differ in: drivers, time-outs, read-only transactions.

What belongs here: one entry a product. What does not: anything that SQLAlchemy makes the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import URL


@dataclass(frozen=True)
class Dialect:
    """One product: its default driver, and how it is told to wait no longer and to write nothing.

    `arguments` are for the driver; `session` are statements of a new connection; `prepare` sets
    what the driver takes on the connection itself. All are given seconds.
    """

    driver: str
    extra: str | None
    arguments: Callable[[float, float], dict[str, Any]]
    session: Callable[[float], tuple[str, ...]]
    prepare: Callable[[Any, float], None]
    options: dict[str, Any]


def _nothing(connection: Any, seconds: float) -> None:
    """Some drivers take everything when they connect."""


def _odbc(connection: Any, seconds: float) -> None:
    connection.timeout = max(1, round(seconds))


def _oracle(connection: Any, seconds: float) -> None:
    connection.call_timeout = round(seconds * 1000)


_NETWORK_SECONDS = 5
"""How much longer than a statement may take the driver waits: the server's own word tells more."""


def _of_mysql(statement_limit: Callable[[float], str]) -> Dialect:
    """MariaDB or MySQL: they differ in how a statement's time is limited."""
    return Dialect(
        driver="pymysql",
        extra="mariadb",
        arguments=lambda connect, read: {
            "connect_timeout": max(1, round(connect)),
            "read_timeout": round(read) + _NETWORK_SECONDS,
        },
        session=lambda read: (statement_limit(read), "set session transaction read only"),
        prepare=_nothing,
        options={"isolation_level": "REPEATABLE READ"},
    )


_DIALECTS = {
    "postgresql": Dialect(
        driver="psycopg",
        extra=None,
        arguments=lambda connect, read: {
            "connect_timeout": max(2, round(connect)),
            "options": f"-c statement_timeout={round(read * 1000)}",
            "tcp_user_timeout": round(read * 1000),
        },
        session=lambda _: (),
        prepare=_nothing,
        options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
    ),
    "mssql": Dialect(
        driver="pyodbc",
        extra="mssql",
        arguments=lambda connect, _: {"timeout": max(1, round(connect))},
        session=lambda _: (),
        prepare=_odbc,
        options={},
    ),
    "oracle": Dialect(
        driver="oracledb",
        extra="oracle",
        arguments=lambda connect, _: {"tcp_connect_timeout": connect},
        session=lambda _: ("set transaction read only",),
        prepare=_oracle,
        options={},
    ),
    "mariadb": _of_mysql(lambda read: f"set session max_statement_time = {read:.3f}"),
    "mysql": _of_mysql(lambda read: f"set session max_execution_time = {round(read * 1000)}"),
}


def dialect_of(url: URL) -> Dialect:
    """The product behind a URL."""
    return _DIALECTS[url.get_backend_name()]


def with_driver(url: URL) -> URL:
    """The URL with the product's driver where it names none."""
    if "+" in url.drivername:
        return url
    return url.set(drivername=f"{url.drivername}+{dialect_of(url).driver}")
