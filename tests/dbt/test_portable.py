"""The same models on Spark: what dbt compiles for it is Spark's SQL; a measure's is anyone's.

Belongs here: compiling without a server and reading what came out. Not here: running on Spark.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
import yaml
from sqlglot import exp

from exports.semantics import read_semantics
from tests.dbt.raw_layer import ROOT

PROJECT = ROOT / "dbt_project"
STUB = Path(__file__).parent / "spark_without_server"

SPARK = yaml.safe_load((Path(__file__).parent / "spark_sql.yml").read_text("utf-8"))
WORDS = set(SPARK["words"].split())
SPARK_FUNCTIONS = set(SPARK["functions"].split())
MEASURE_FUNCTIONS = {"sum", "count", "max", "min", "avg", "coalesce", "nullif", "extract"}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every model, test and snapshot as dbt compiles it for Spark, by its file's name."""
    target = tmp_path_factory.mktemp("spark")
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()"),
            *("--no-use-colors", "compile", "--target", "spark"),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(target), "--log-path", str(target)),
        ],
        env={
            **os.environ,
            "PYTHONPATH": str(STUB),
            "RAADERUM_RAW": str(target),
            "RAADERUM_WAREHOUSE": str(target / "none.duckdb"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    files = {path.name: path.read_text("utf-8") for path in (target / "compiled").rglob("*.sql")}
    return {name: text for name, text in files.items() if text.strip()}


def code(text: str) -> str:
    """SQL without its comments, and nothing in its texts."""
    bare = re.sub(r"--[^\n]*|/\*.*?\*/", "", text, flags=re.S)
    return re.sub(r"'(?:[^'\\]|\\.)*'", "''", bare).lower()


def functions(text: str) -> Iterator[str]:
    """Names that stand before a bracket."""
    yield from re.findall(r"(?<![\w.])([a-z_]\w*)\s*\(", code(text))


@pytest.mark.slow
def test_every_model_compiles_for_spark_without_a_server(compiled: dict[str, str]) -> None:
    models = {path.name for path in (PROJECT / "models").rglob("*.sql")}
    assert models <= set(compiled), models - set(compiled)
    for name, text in compiled.items():
        for tree in sqlglot.parse(text, dialect="spark"):
            assert tree is None or not list(tree.find_all(exp.Qualify)), name


@pytest.mark.slow
def test_compiled_sql_calls_sparks_functions_alone(compiled: dict[str, str]) -> None:
    called = {(call, name) for name, text in compiled.items() for call in functions(text)}
    assert not [found for found in sorted(called) if found[0] not in SPARK_FUNCTIONS | WORDS]


@pytest.mark.slow
def test_compiled_sql_is_written_as_spark_reads_it(compiled: dict[str, str]) -> None:
    for name, text in compiled.items():
        bare = code(text)
        assert "::" not in bare, name
        assert '"' not in bare, f"{name}: a name in double quotes is a text to Spark"
        assert not re.search(r"\bas (varchar|text|hugeint|double precision)\s*\)", bare), name


@pytest.mark.parametrize("dialect", ["duckdb", "spark", "postgres"])
def test_a_measures_sql_is_plain(dialect: str) -> None:
    for measure in read_semantics().measures.values():
        for by in ((), ("in_year",)):
            if set(by) <= measure.by():
                text = measure.sql(by)
                sqlglot.parse_one(text, dialect=dialect)
                called = set(functions(text)) - WORDS
                assert called <= {
                    "sum",
                    "count",
                    "max",
                    "min",
                    "avg",
                    "coalesce",
                    "nullif",
                    "extract",
                }
