"""A municipality may have one feed only, and its systems' own shapes."""

from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.conftest import Municipality

pytestmark = pytest.mark.slow


def count(municipality: Municipality, table: str) -> int:
    path = municipality.current / "serving.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])


def test_finance_alone(exports: Path, tmp_path: Path) -> None:
    municipality = Municipality(tmp_path)
    municipality.configure(finance=("canonical", exports / "finance"))
    municipality.run("run")
    assert count(municipality, "marts.fct_cost") > 1000
    assert count(municipality, "marts.fct_measure") == 0
    assert count(municipality, "marts.fct_forecast") > 0


def test_cases_alone(exports: Path, tmp_path: Path) -> None:
    municipality = Municipality(tmp_path)
    municipality.configure(cases=("canonical", exports / "cases"))
    municipality.run("run")
    assert count(municipality, "marts.fct_cost") == 0
    assert count(municipality, "marts.fct_measure") > 50


def test_the_systems_own_shapes(tmp_path: Path) -> None:
    municipality = Municipality(tmp_path)
    municipality.run(
        "simulate",
        "--out",
        str(tmp_path / "shapes"),
        "--children",
        "600",
        "--from",
        "2023-01",
        "--profile",
        "sensum",
        "--profile",
        "prisme",
    )
    municipality.configure(
        cases=("sensum", tmp_path / "shapes" / "cases"),
        finance=("prisme", tmp_path / "shapes" / "finance"),
    )
    assert "FAIL" not in municipality.run("check").stdout
    municipality.run("run")
    assert count(municipality, "marts.fct_measure") > 10


def test_wrong_configuration_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    municipality = Municipality(tmp_path)
    (tmp_path / "raaderum.toml").write_text('[municipality]\nnaem = "x"\n', encoding="utf-8")
    done = municipality.run("run", code=2)
    assert "municipality.naem is not a known setting" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_key_is_said_before_anything_is_read(exports: Path, tmp_path: Path) -> None:
    municipality = Municipality(tmp_path, {"RAADERUM_PSEUDONYM_KEY": ""})
    municipality.configure(finance=("canonical", exports / "finance"))
    done = municipality.run("run", code=2)
    assert "RAADERUM_PSEUDONYM_KEY is not set" in done.stderr
    assert not (municipality.home / "raw").exists() or not list(
        (municipality.home / "raw").rglob("0*.parquet")
    )
