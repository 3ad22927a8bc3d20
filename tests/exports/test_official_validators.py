"""What is written for Metabase and Power BI, before their publishers' own validators."""

import json
from pathlib import Path
from typing import Any

import pytest

from exports.metabase import read_content, write_representation
from exports.powerbi import NAME, PARAMETERS, write_project
from exports.semantics import read_semantics
from orchestration.manifest import ensure_manifest
from orchestration.powerbi import column_words
from tests.exports.official import run_official

SCHEMAS = Path(__file__).parents[3] / "shared" / "data" / "powerbi-schemas"


def pbir_verdict(report: Path) -> dict[str, Any]:
    """Microsoft's validator on a report, with its JSON schemas from a folder."""
    if not SCHEMAS.is_dir():
        pytest.skip(f"Microsoft's schemas are not at {SCHEMAS}")
    done = run_official(
        "powerbi-report-author",
        "validate",
        str(report),
        loaded_first="local_schemas.mjs",
        environment={"RAADERUM_PBIR_SCHEMAS": str(SCHEMAS)},
    )
    verdict: dict[str, Any] = json.loads(done.stdout)["data"]
    return verdict


@pytest.fixture
def report(tmp_path: Path) -> Path:
    words = column_words(ensure_manifest())
    write_project(tmp_path, read_semantics(), words, dict.fromkeys(PARAMETERS, ""))
    return tmp_path / f"{NAME}.Report"


def test_the_report_has_neither_errors_nor_warnings(report: Path) -> None:
    verdict = pbir_verdict(report)
    assert (verdict["errorCount"], verdict["warningCount"]) == (0, 0), verdict
    visual = next(report.rglob("visual.json"))
    content = json.loads(visual.read_text("utf-8"))
    content["position"]["widht"] = content["position"].pop("width")
    visual.write_text(json.dumps(content), encoding="utf-8")
    assert pbir_verdict(report)["errorCount"] > 0


def test_metabase_takes_every_file(tmp_path: Path) -> None:
    files = write_representation(read_content(), "Råderum", tmp_path)
    done = run_official("representations", "validate-schema", "--folder", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(files)} passed, 0 failed" in done.stdout
    spoilt = files[-1]
    spoilt.write_text(spoilt.read_text("utf-8").replace("size_x: ", "size_x: 9"), encoding="utf-8")
    done = run_official("representations", "validate-schema", "--folder", str(tmp_path))
    assert "1 failed" in done.stdout
    assert "size_x must be <= 24" in done.stderr
