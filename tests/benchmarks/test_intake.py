"""The benchmark itself works: every reading sees every row, and a ratio comes out."""

from pathlib import Path

import pytest

from tests.benchmarks.intake import READINGS, measured_table, read_here
from tests.benchmarks.ledger import FILES, write_ledger


@pytest.mark.parametrize("form", sorted(FILES))
def test_every_reading_sees_every_row(tmp_path: Path, form: str) -> None:
    folder = tmp_path / "delivered"
    folder.mkdir()
    path = write_ledger(folder, form, 2)
    with path.open("rb") as handle:
        rows = sum(1 for _ in handle) - 1
    assert path.stat().st_size >= 2_000_000
    assert {read_here(folder, form, reading)[0] for reading in READINGS} == {rows}


def test_the_table_has_a_ratio_for_every_reading(tmp_path: Path) -> None:
    table = measured_table(["canonical"], 1, tmp_path)
    shares = [cell for column in table.columns for cell in column.cells if "%" in str(cell)]
    assert (table.row_count, len(shares)) == (len(READINGS), 2 * len(READINGS))
