"""The page of questions names what there is: tables, measures, and tests that would fail."""

import re
from typing import Any

import pytest

from exports.semantics import read_semantics
from tests.dbt.conftest import Warehouse
from tests.dbt.raw_layer import ROOT

_PAGE = ROOT / "docs" / "questions.md"
_COLUMNS = ("question", "tables", "measures", "fails")


def rows() -> list[dict[str, list[str]]]:
    """The table's lines, each cell as the names that stand in it as code."""
    lines = [line for line in _PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [line.strip("|").split("|") for line in lines[2:]]
    return [dict(zip(_COLUMNS, ([c[0].strip()], *map(code, c[1:])), strict=True)) for c in cells]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.fixture(scope="session")
def manifest(warehouse: Warehouse) -> dict[str, Any]:
    return warehouse.manifest


def test_each_question_has_a_table_and_a_test() -> None:
    assert len(rows()) > 20
    for row in rows():
        assert row["tables"], row["question"]
        assert row["fails"], row["question"]


def test_the_tables_are_published(manifest: dict[str, Any]) -> None:
    published = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in ("marts", "reporting")
    }
    named = {name for row in rows() for name in row["tables"]}
    assert named <= published, named - published


def test_the_measures_are_defined() -> None:
    named = {name for row in rows() for name in row["measures"]}
    assert named <= set(read_semantics().measures), named - set(read_semantics().measures)


def test_the_tests_are_there(manifest: dict[str, Any]) -> None:
    of_dbt = {
        item["name"]
        for item in (*manifest["nodes"].values(), *manifest["unit_tests"].values())
        if item["resource_type"] in ("test", "unit_test")
    }
    of_python = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), flags=re.MULTILINE)
    }
    named = {name for row in rows() for name in row["fails"]}
    assert named <= of_dbt | of_python, named - of_dbt - of_python


def test_every_published_fact_answers_a_question(manifest: dict[str, Any]) -> None:
    facts = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["name"].startswith("fct_")
    }
    named = {name for row in rows() for name in row["tables"]}
    assert facts <= named, facts - named
