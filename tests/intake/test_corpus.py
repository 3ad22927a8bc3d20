"""Every nasty file of the corpus has the outcome that the index declares."""

import re
from pathlib import Path
from typing import Any

import pytest

from orchestration.intake.accounts import Chart
from orchestration.intake.cpr import IN_TEXT
from orchestration.intake.rules import catalogue
from tests.intake.corpus.delivery import cases, load_case

CASES = cases()
NUMBERS = re.compile(rf"3112244000|311224.4000|0101354008|010135.4008|{IN_TEXT}")
COUNTS = ("read", "loaded", "rejected", "superseded", "out_of_scope", "failed")


@pytest.mark.parametrize("name", CASES)
def test_a_nasty_file_has_its_outcome(name: str, tmp_path: Path, chart: Chart) -> None:
    case: dict[str, Any] = CASES[name]
    expected = case["expect"]
    found = load_case(case, tmp_path, chart)
    counts = {count: getattr(found, count) for count in COUNTS}
    assert counts == {count: expected.get(count, 0) for count in COUNTS}
    assert found.rules == expected.get("rules", {})
    assert found.stopped == expected.get("stopped", False)
    # An amount is either what was written, or nothing.
    assert found.amounts == expected.get("amounts", [])
    kept = found.loaded + found.rejected + found.superseded + found.out_of_scope
    assert found.read == kept
    assert not NUMBERS.search(found.told)


def test_the_corpus_is_large_and_knows_its_rules() -> None:
    assert len(CASES) >= 60
    for name, case in CASES.items():
        assert case["about"], name
        assert set(case["expect"].get("rules", {})) <= set(catalogue().of_level("loading")), name
