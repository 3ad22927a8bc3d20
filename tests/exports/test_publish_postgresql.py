"""The PostgreSQL target against a real server: whole runs only, keys, roles, readers left alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import psycopg
import pytest

from exports.publish import (
    Manifest,
    PostgreSQLError,
    TableKeys,
    Target,
    check_postgresql,
    publish_to_postgresql,
    published_in_postgresql,
)
from tests.servers.postgresql import PostgreSQL

KEYS = {
    "dim_child": TableKeys(primary=("child_key",)),
    "fct_cost": TableKeys(
        primary=("cost_key",), references=(("child_key", "dim_child", "child_key"),)
    ),
    "rpt_outturn": TableKeys(primary=("year", "level")),
}


def manifest(run_id: str) -> Manifest:
    return Manifest(run_id, "2026-10-31", ("1",), "code", "data", "2026-11-01T03:40:00+00:00")


@pytest.fixture
def serving(tmp_path: Path) -> Path:
    path = tmp_path / "serving.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create schema reporting")
        connection.execute(
            "create table marts.dim_child as select -1::bigint as child_key, null::date as birth,"
            " '' as sex union all select 7, date '2015-02-01', 'k, \"æ\"' || chr(10) || 'ø'"
        )
        connection.execute(
            "create table marts.fct_cost as select * from (values"
            " (1::bigint, 7::bigint, 100.10::decimal(18,2), true,"
            "  timestamp '2026-01-02 03:04:05.123456', 1.5::double),"
            " (2, -1, -0.01, null, null, null))"
            " t(cost_key, child_key, amount, matched, seen_at, share)"
        )
        connection.execute(
            "create table reporting.rpt_outturn as select 2026 as year, 'total' as level,"
            " 1.5::decimal(18,2) as mean"
        )
        connection.execute("comment on table marts.fct_cost is 'One posting''s cost'")
        connection.execute("comment on column marts.fct_cost.amount is 'Kroner, + er udgift'")
    return path


@pytest.fixture
def target(postgresql: PostgreSQL, request: pytest.FixtureRequest) -> Iterator[Target]:
    """A database of the test's own, as its owner who is no superuser."""
    name = f"t{abs(hash(request.node.name)) % 10**9}"
    with psycopg.connect(postgresql.url, autocommit=True) as server:
        for role in ("economist", "reader"):
            server.execute(f"drop role if exists {role}")
        server.execute(f"create role {name} login createrole")
        server.execute(f"create database {name} owner {name}")
    yield Target(
        f"postgresql://{name}@127.0.0.1:{postgresql.port}/{name}", attempts=2, wait_seconds=0.01
    )
    with psycopg.connect(postgresql.url, autocommit=True) as server:
        server.execute(f"drop database {name} with (force)")
        server.execute("drop role if exists economist, reader")
        server.execute(f"drop role {name}")


def rows(target: Target, query: str) -> list[tuple]:
    with psycopg.connect(target.url) as connection:
        return connection.execute(query).fetchall()


def test_every_value_arrives_as_it_was(serving: Path, target: Target) -> None:
    assert publish_to_postgresql(serving, target, manifest("r1"), KEYS) == []
    with duckdb.connect(str(serving), read_only=True) as source:
        for table in ("marts.dim_child", "marts.fct_cost", "reporting.rpt_outturn"):
            expected = source.execute(f"select * from {table} order by 1").fetchall()
            assert rows(target, f"select * from {table} order by 1") == expected
    assert published_in_postgresql(target) == "r1"
    assert rows(target, "select * from marts.published_manifest order by table_name") == [
        ("r1", date(2026, 10, 31), "dim_child", 2),
        ("r1", date(2026, 10, 31), "fct_cost", 2),
    ]


def test_keys_comments_and_roles_are_declared(serving: Path, target: Target) -> None:
    publish_to_postgresql(serving, target, manifest("r1"), KEYS)
    found = rows(
        target,
        "select conrelid::regclass::text, contype::text, pg_get_constraintdef(oid)"
        " from pg_constraint where contype in ('p', 'f') and connamespace::regnamespace::text"
        " in ('marts', 'reporting') order by 1, 2",
    )
    assert found == [
        ("marts.dim_child", "p", "PRIMARY KEY (child_key)"),
        (
            "marts.fct_cost",
            "f",
            "FOREIGN KEY (child_key) REFERENCES marts.dim_child(child_key)",
        ),
        ("marts.fct_cost", "p", "PRIMARY KEY (cost_key)"),
        ("reporting.rpt_outturn", "p", "PRIMARY KEY (year, level)"),
    ]
    assert rows(target, "select obj_description('marts.fct_cost'::regclass)") == [
        ("One posting's cost",)
    ]
    assert rows(target, "select col_description('marts.fct_cost'::regclass, 3)") == [
        ("Kroner, + er udgift",)
    ]
    readable = rows(
        target,
        "select r, has_schema_privilege(r, 'marts', 'usage')"
        " and has_table_privilege(r, 'marts.fct_cost', 'select'),"
        " has_schema_privilege(r, 'reporting', 'usage')"
        " and has_table_privilege(r, 'reporting.rpt_outturn', 'select')"
        " from unnest(array['economist', 'reader']) r order by 1",
    )
    assert readable == [("economist", True, True), ("reader", False, True)]


def test_an_open_reader_keeps_its_run_and_delays_nobody(serving: Path, target: Target) -> None:
    publish_to_postgresql(serving, target, manifest("r1"), KEYS)
    with psycopg.connect(target.url) as reader:
        reader.execute("set transaction isolation level repeatable read")
        assert reader.execute("select count(*) from marts.fct_cost").fetchone() == (2,)
        with duckdb.connect(str(serving)) as source:
            source.execute("delete from marts.fct_cost where cost_key = 2")
        publish_to_postgresql(serving, target, manifest("r2"), KEYS)
        assert published_in_postgresql(target) == "r2"
        assert rows(target, "select count(*) from marts.fct_cost") == [(1,)]
        left = rows(target, "select nspname from pg_namespace where nspname ~ '_old_' order by 1")
        assert left == [("marts_old_1",), ("reporting_old_1",)]
    publish_to_postgresql(serving, target, manifest("r3"), KEYS)
    assert rows(target, "select nspname from pg_namespace where nspname ~ '_old_|_new'") == []


def test_a_view_that_somebody_made_is_not_dropped(serving: Path, target: Target) -> None:
    publish_to_postgresql(serving, target, manifest("r1"), KEYS)
    with psycopg.connect(target.url, autocommit=True) as owner:
        owner.execute("create view public.mine as select amount from marts.fct_cost")
    (warning,) = publish_to_postgresql(serving, target, manifest("r2"), KEYS)
    assert "view mine depends on" in warning
    assert len(rows(target, "select * from public.mine")) == 2


def test_somebody_elses_schema_is_left_alone(serving: Path, target: Target) -> None:
    with psycopg.connect(target.url, autocommit=True) as owner:
        owner.execute("create schema marts")
    with pytest.raises(PostgreSQLError, match="has a schema marts that is not ours"):
        publish_to_postgresql(serving, target, manifest("r1"), KEYS)
    with pytest.raises(PostgreSQLError, match="not ours"):
        check_postgresql(target)


def test_what_fails_half_way_leaves_the_run_before(serving: Path, target: Target) -> None:
    publish_to_postgresql(serving, target, manifest("r1"), KEYS)
    wrong = {**KEYS, "rpt_outturn": TableKeys(primary=("gone",))}
    with pytest.raises(PostgreSQLError, match="Nothing was switched"):
        publish_to_postgresql(serving, target, manifest("r2"), wrong)
    assert published_in_postgresql(target) == "r1"
    assert rows(target, "select nspname from pg_namespace where nspname ~ '_old_|_new'") == []


def test_a_server_that_is_gone_is_a_sentence(serving: Path, target: Target) -> None:
    away = replace(target, url="postgresql://nobody@127.0.0.1:1/nothing", connect_seconds=2)
    with pytest.raises(PostgreSQLError, match=r"127.0.0.1/nothing cannot be used.*runbooks"):
        publish_to_postgresql(serving, away, manifest("r1"), KEYS)


def test_roles_that_we_may_not_make_are_told(
    serving: Path, target: Target, postgresql: PostgreSQL
) -> None:
    user = target.url.rpartition("/")[2]
    with psycopg.connect(postgresql.url, autocommit=True) as server:
        server.execute(f"alter role {user} nocreaterole")
    assert "roles not there yet: economist, reader" in check_postgresql(target)
    warnings = publish_to_postgresql(serving, target, manifest("r1"), KEYS)
    assert [text for text in warnings if "no role reader" in text]
    assert published_in_postgresql(target) == "r1"
