"""The same municipality through two pairs of systems: whole nights, and the same published tables.

What belongs here: comparing published `marts`. What does not: loaded rows (test_equal_shapes).
"""

from pathlib import Path

import duckdb
import pytest

from orchestration.intake.profiles import find_profile
from tests.end_to_end.conftest import Municipality

OF_THE_LOAD = {"load_id", "run_id", "data_version", "load_seq"} | {
    "data_quality_key",
    "forecast_key",
    "outturn_key",
    "quality_finding_key",
    *("forecast_accuracy_key", "bridge_key", "run_key", "known_from", "known_to"),
    *("file", "message_da", "message_en"),
}
"""Columns that name the load, the run or the file, are keys made of it, tell its time, or quote the
file: each night has its own."""


def night_of(folder: Path, cases: str, finance: str) -> Municipality:
    folder.mkdir()
    municipality = Municipality(folder)
    exports = folder / "exports"
    written = ["--profile", cases, "--profile", finance]
    span = ["--from", "2023-01", "--to", "2024-12", "--children", "400"]
    municipality.run("simulate", "--out", str(exports), *span, *written)
    municipality.configure(cases=(cases, exports / "cases"), finance=(finance, exports / "finance"))
    municipality.run("run")
    return municipality


def tables(municipality: Municipality) -> dict[str, list[str]]:
    """The published tables of `marts` and their columns."""
    with duckdb.connect(str(municipality.current / "serving.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select table_name, list(column_name order by ordinal_position)"
            " from information_schema.columns where table_schema = 'marts' group by table_name"
        ).fetchall()
    return dict(rows)


def fingerprint(municipality: Municipality, table: str, columns: list[str]) -> tuple[int, str]:
    """Rows of a table, and a hash of them that does not know their order."""
    listed = ", ".join(f'"{name}"' for name in columns)
    with duckdb.connect(str(municipality.current / "serving.duckdb"), read_only=True) as connection:
        row = connection.execute(
            f"select count(*), coalesce(sum(hash({listed})::hugeint), 0)::varchar"
            f" from marts.{table}"
        ).fetchone()
    assert row is not None
    return row


@pytest.mark.slow
def test_dubu_and_opus_publish_what_canonical_files_publish(tmp_path: Path) -> None:
    declared = {
        name
        for profile in ("dubu", "opus")
        for mapped in find_profile(profile, None).entities.values()
        for name in mapped.not_carried
    }
    assert not declared, "these two systems can carry everything"
    plain = night_of(tmp_path / "plain", "canonical", "canonical")
    shaped = night_of(tmp_path / "shaped", "dubu", "opus")
    assert tables(plain) == tables(shaped)
    for table, columns in tables(plain).items():
        compared = [name for name in columns if name not in OF_THE_LOAD]
        found = fingerprint(shaped, table, compared)
        assert found == fingerprint(plain, table, compared), table
