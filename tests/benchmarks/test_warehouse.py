"""The work of building grows with the rows: counted in rows, never in time."""

from pathlib import Path

import pytest

from tests.benchmarks.warehouse import Built, build, builds_table, models_table, prepare


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> list[Built]:
    built = []
    for size in (1, 3):
        folder: Path = tmp_path_factory.mktemp(f"size{size}")
        children = size * 300
        built.append(build(prepare(folder, children), children, "--select", "staging+,marts"))
    return built


@pytest.mark.slow
def test_rows_that_are_built_grow_no_faster_than_rows_delivered(sizes: list[Built]) -> None:
    small, large = sizes
    assert large.delivered > 2 * small.delivered
    per_row = [one.produced / one.delivered for one in sizes]
    assert per_row[1] <= 1.1 * per_row[0]
    grown = large.delivered / small.delivered
    for table, rows in large.rows.items():
        # A table that multiplies its rows would grow with the square.
        if rows > 2000:
            assert rows <= 1.6 * grown * max(small.rows[table], 1), table


@pytest.mark.slow
def test_the_tables_tell_every_size(sizes: list[Built]) -> None:
    assert builds_table(sizes).row_count == 2
    assert models_table(*sizes).row_count > 0
