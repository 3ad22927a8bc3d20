"""The sensor for arriving files: settled, once per content, and through Dagster itself."""

import os
from pathlib import Path

import dagster as dg
import pytest

from orchestration import jobs
from orchestration.intake.arrivals import Source
from orchestration.intake.profiles import find_profile
from orchestration.intake.sources.folder import FolderOrigin
from orchestration.watch import Watched, arrival


def source(folder: Path) -> Source:
    return Source("finance", find_profile("canonical", "finance"), FolderOrigin(folder, "finance"))


def looks(folder: Path, before: Watched, times: int = 2) -> tuple[list[bool], Watched]:
    """Whether each of some looks in a row found a new delivery, and what is remembered."""
    found = []
    for _ in range(times):
        outcome = arrival([source(folder)], before)
        found.append(outcome.new)
        before = outcome.remember
    return found, before


def test_a_delivery_counts_when_two_looks_find_the_same(tmp_path: Path) -> None:
    assert looks(tmp_path, Watched())[0] == [False, False]
    (tmp_path / "postings.csv").write_text("a", encoding="utf-8")
    (first,), before = looks(tmp_path, Watched(), 1)
    (tmp_path / "postings.csv").write_text("a and more", encoding="utf-8")
    (second,), before = looks(tmp_path, before, 1)
    assert (first, second) == (False, False)
    assert looks(tmp_path, before)[0] == [True, False]


def test_the_same_content_again_starts_nothing_and_an_earlier_one_does(tmp_path: Path) -> None:
    ledger, keys, before = tmp_path / "postings.csv", [], Watched()
    for content in ("monday", "tuesday", "monday", "tuesday"):
        ledger.write_text(content, encoding="utf-8")
        found, before = looks(tmp_path, before)
        assert found == [False, True]
        keys.append(before.key)
    assert len(set(keys)) == 4
    os.utime(ledger, (1, 1))
    assert looks(tmp_path, before, 3)[0] == [False, False, False]


def test_dagster_starts_one_run_with_the_contents_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAADERUM_SOURCES__CASES__LOCATION", str(tmp_path / "cases"))
    monkeypatch.setenv("RAADERUM_SOURCES__FINANCE__LOCATION", str(tmp_path / "finance"))
    cursor = None
    requests = []
    for _ in range(4):
        with dg.DagsterInstance.ephemeral() as instance:
            context = dg.build_sensor_context(instance=instance, cursor=cursor)
            outcome = jobs.files_arrived(context)
            cursor = context.cursor
        if isinstance(outcome, dg.SensorResult):
            requests += list(outcome.run_requests or [])
        # The share is connected and the files are put there after the first look.
        for name in ("cases/children.csv", "finance/postings.csv"):
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            if not path.exists():
                path.write_text("x", encoding="utf-8")
    (request,) = requests
    assert cursor is not None
    assert request.run_key == Watched.of(cursor).key
