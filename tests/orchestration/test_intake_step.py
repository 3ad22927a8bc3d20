"""The intake step over several sources: all are tried, and what identifies a run."""

from datetime import date
from pathlib import Path

import pytest

from orchestration.intake.sources.base import SourceUnavailableError
from orchestration.settings import Settings
from orchestration.state import State
from orchestration.steps.intake import SourceStoppedError, take_in

KEY = b"a-secret-for-tests-only-0123456789"
BUDGET = "year,account,version,amount,decided_on\n2026,5.28.20,original,1000.00,2025-10-01\n"


def settings_of(**sources: dict[str, object]) -> Settings:
    return Settings.model_validate({"sources": sources})


def delivered(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "budget.csv").write_text(text, encoding="utf-8")
    return folder


def taken(tmp_path: Path, settings: Settings) -> str:
    state = State(tmp_path / "var")
    state.prepare()
    return take_in(settings, state, KEY, date(2026, 11, 1)).run.run_id


def test_a_source_out_of_reach_does_not_hide_what_is_wrong_with_the_next(tmp_path: Path) -> None:
    finance = delivered(tmp_path / "finance", "year,version\n2026,original\n")
    settings = settings_of(
        cases={"location": str(tmp_path / "gone")}, finance={"location": str(finance)}
    )
    with pytest.raises(SourceStoppedError) as stopped:
        taken(tmp_path, settings)
    assert "no column account" in str(stopped.value)
    assert str(tmp_path / "gone") in str(stopped.value)


def test_the_next_source_is_loaded_though_one_is_out_of_reach(tmp_path: Path) -> None:
    finance = delivered(tmp_path / "finance", BUDGET)
    settings = settings_of(
        cases={"location": str(tmp_path / "gone")}, finance={"location": str(finance)}
    )
    with pytest.raises(SourceUnavailableError, match="gone"):
        taken(tmp_path, settings)
    assert [path.stem for path in (tmp_path / "var/raw/budget").glob("0*.parquet")]


def test_how_a_source_is_reached_makes_no_other_run(tmp_path: Path) -> None:
    finance = str(delivered(tmp_path / "finance", BUDGET))
    settled = settings_of(finance={"location": finance, "settle_seconds": 0})
    assert taken(tmp_path, settings_of(finance={"location": finance})) == taken(tmp_path, settled)
