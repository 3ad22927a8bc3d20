"""What is past its period goes, and nothing else."""

import os
from datetime import UTC, datetime, timedelta

from orchestration.intake.raw_store import RawStore
from orchestration.privacy.landing_at_rest import copies
from orchestration.privacy.retention import find_expired, remove_expired
from orchestration.settings import RetentionSettings
from orchestration.state import State
from tests.intake.conftest import House

NOW = datetime.now(UTC)
NEVER = RetentionSettings(
    landing_days=0,
    superseded_load_days=0,
    published_days=0,
    log_days=0,
    access_log_days=0,
    dagster_days=0,
)


def test_zero_keeps_everything(history: State, house: House) -> None:
    expired = find_expired(history, NEVER, NOW + timedelta(days=10_000))
    assert all(number == 0 for _, number in expired.layers().counts)


def test_a_replaced_snapshot_goes_and_what_holds_stays(history: State, house: House) -> None:
    periods = NEVER.model_copy(update={"superseded_load_days": 30})
    assert find_expired(history, periods, NOW).loads == ()
    later = NOW + timedelta(days=31)
    expired = find_expired(history, periods, later)
    # Only the children were delivered a second time.
    assert [entity for _, entity in expired.loads] == ["children"]
    rows = house.rows("children", "*", "_load_seq = 2")
    others = house.rows("cases"), house.rows("load_files", "*", "entity <> 'children'")
    remove_expired(history, periods, expired, later)
    assert house.rows("children") == rows
    assert (house.rows("cases"), house.rows("load_files", "*", "entity <> 'children'")) == others
    assert find_expired(history, periods, later).loads == ()
    RawStore(history.raw).prepare()
    assert house.load() is None


def test_copies_and_logs_go_by_age(history: State, house: House) -> None:
    old, new = history.log / "old.log", history.log / "new.log"
    for path in (old, new):
        path.write_text("x", encoding="utf-8")
    aged = (NOW - timedelta(days=40)).timestamp()
    first, *others = copies(history.landing)
    for path in (old, first):
        os.utime(path, (aged, aged))
    periods = NEVER.model_copy(update={"landing_days": 30, "log_days": 30})
    expired = find_expired(history, periods, NOW)
    assert (expired.copies, expired.logs) == ((first,), (old,))
    remove_expired(history, periods, expired, NOW)
    assert copies(history.landing) == others
    assert [path.name for path in history.log.iterdir()] == ["new.log"]
