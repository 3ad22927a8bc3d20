"""A sample of the fault campaign; `make faults` runs all of it.

Each is a real night that is really disturbed, and a plain one after it.
"""

import random
from collections.abc import Iterator

import pytest

from tests.faults.faults import cut_off, database_killed, disk_full, hangs, two_at_once
from tests.faults.kills import PARTS, kill_at, moments
from tests.faults.stage import Stage, make_stage
from tests.faults.trial import Row, try_fault
from tests.servers.postgresql import PostgreSQL

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif("sys.platform == 'win32'", reason="process groups are killed by POSIX"),
    # One process makes the stage for all of them.
    pytest.mark.xdist_group("faults"),
]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQL) -> Iterator[Stage]:
    return make_stage(tmp_path_factory.mktemp("faults"), postgresql)


def held(row: Row) -> None:
    assert row.passed, row.cells()


@pytest.mark.parametrize("part", ["warehouse, first half", "publishing"])
def test_a_killed_night_is_repaired_by_the_next(stage: Stage, part: str) -> None:
    chosen = random.Random(part).choice([m for m in moments(40, 2) if m.part == part])
    row = try_fault(stage, f"kill-{len(part)}", chosen.name, lambda n: kill_at(stage, n, chosen))
    assert "killed after" in row.happened
    held(row)


def test_two_runs_started_at_once_are_one_night(stage: Stage) -> None:
    row = two_at_once(stage)
    assert "exits [0, 0], 1 found nothing new" in row.happened
    held(row)


def test_postgresql_killed_while_publishing(stage: Stage) -> None:
    row = database_killed(stage, 0.1, away=True)
    assert "exit 1" in row.happened
    held(row)


def test_a_full_disk(stage: Stage) -> None:
    row = disk_full(stage, 1)
    if "skipped" in row.happened:
        pytest.skip(row.happened)
    assert "exit 1" in row.happened
    held(row)


def test_a_source_cut_off_in_the_middle(stage: Stage) -> None:
    row = cut_off(stage, 0.5)
    assert "exit 1" in row.happened
    held(row)


def test_a_night_that_hangs_is_ended(stage: Stage) -> None:
    row = hangs(stage)
    assert "exit 1: the run did not end within" in row.happened
    held(row)


def test_every_part_of_the_night_gets_its_kills() -> None:
    chosen = moments(40, 1)
    assert len(chosen) == 40
    assert {moment.part for moment in chosen} == {part for part, *_ in PARTS}
    assert chosen == moments(40, 1)
    assert chosen != moments(40, 2)
