"""What differs between databases says the same on each that can be asked: DuckDB and PostgreSQL.

Belongs here: the dispatched macros of `portable.sql`, run. Not here: their Spark form, which is
compiled only (test_portable).
"""

import duckdb
import psycopg
import pytest

from tests.dbt.macros import rendered
from tests.servers.postgresql import PostgreSQL

ROWS = (
    "(select * from (values (1, 'a|b', date '2024-02-28', 3),"
    " (1, 'æ', date '2024-03-03', 2), (2, '5.28.20', date '2026-11-29', 10),"
    " (2, null, date '2027-01-01', 5)) as t(part, word, day, number)) as rows"
)
BY_ROW = "select part, word, day, {0} from {1} order by 1, 3"
BY_PART = "select part, {0} from {1} group by part order by 1"
QUESTIONS = {
    "surrogate_key(['word', 'part'])": BY_ROW,
    "regex_group('word', '(.)\\\\|(.)')": BY_ROW,
    "is_local_function('word')": BY_ROW,
    "iso_weekday('day')": BY_ROW,
    "sorted_list('word', ', ')": BY_PART,
    "percentile('number', 0.5)": BY_PART,
    "day_series(\"date '2024-02-27'\", \"date '2024-03-02'\")": "{0}",
}


@pytest.mark.parametrize("call", QUESTIONS)
def test_postgresql_answers_as_duckdb_does(call: str, postgresql: PostgreSQL) -> None:
    def question(database: str) -> str:
        return QUESTIONS[call].format(rendered("portable.sql", call, database), ROWS)

    with psycopg.connect(postgresql.url) as server:
        found = server.execute(question("postgres")).fetchall()
    expected = duckdb.sql(question("duckdb")).fetchall()
    assert found == expected
    assert len(found) > 1
