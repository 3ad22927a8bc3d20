"""What the assets are given: settings, state, secrets and somebody to report to.

What belongs here: plain objects handed out as Dagster resources. What does not: work.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from orchestration.progress import Reporter, Silent
from orchestration.settings import Settings
from orchestration.state import State

TIMEZONE = "Europe/Copenhagen"


@dataclass(frozen=True)
class Night:
    """One night's surroundings; `as_of` and `full` come from the command line alone."""

    settings: Settings
    state: State
    key: bytes
    as_of: date | None = None
    full: bool = False
    reporter: Reporter = field(default_factory=Silent)

    @property
    def today(self) -> date:
        """The day it is in Denmark."""
        return datetime.now(ZoneInfo(TIMEZONE)).date()
