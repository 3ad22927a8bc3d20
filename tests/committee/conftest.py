"""A municipality whose published run is a few tables: packs of it are made in a moment.

What belongs here: state folders and settings to try the committee's work on. What does not: what
must hold.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from exports.publish import Manifest, new_run_folder, switch_to, write_manifest
from orchestration.settings import Settings
from orchestration.state import State
from tests.exports.sample_frames import sample_frames

MEETING = date(2026, 12, 9)
NEXT = date(2027, 1, 13)
NOW = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
_FRAMES = sample_frames()


@dataclass
class House:
    """A state folder with a published run, and what is configured."""

    folder: Path
    committee: dict[str, Any] = field(default_factory=dict)
    mean: float = 100e6

    @property
    def state(self) -> State:
        return State(self.folder / "var")

    @property
    def settings(self) -> Settings:
        settings = Settings.model_validate(
            {"calendar": {"meetings": [MEETING, NEXT]}, "committee": self.committee}
        )
        settings._folder = self.folder
        return settings

    def comment(self, text: str, meeting: date = MEETING) -> None:
        self.state.comments.mkdir(parents=True, exist_ok=True)
        (self.state.comments / f"{meeting}.md").write_text(text, encoding="utf-8")

    def publish(self, run_id: str = "20261031-aaaa1111", mean: float = 100e6) -> None:
        """Publish a run whose expected outturn is `mean`."""
        run = _FRAMES["rpt_run"].assign(run_id=run_id)
        outturn = _FRAMES["rpt_outturn"].query("level == 'total'").assign(mean=mean)
        self.state.published.mkdir(parents=True, exist_ok=True)
        folder = new_run_folder(self.state.published, run_id)
        with duckdb.connect(str(folder / "serving.duckdb")) as connection:
            connection.execute("create schema reporting")
            for name, frame in (("rpt_run", run), ("rpt_outturn", outturn)):
                connection.register("frame", frame)
                connection.execute(f"create table reporting.{name} as from frame")
        manifest = Manifest(run_id, "2026-10-31", ("1",), "c", "d", "2026-11-01T03:40:00+00:00")
        write_manifest(folder, manifest, {})
        switch_to(folder, self.state.published)


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.publish()
    return house
