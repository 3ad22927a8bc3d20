"""A sample of the fault campaign; `make faults` runs all of it, each fault by itself."""

import random
from collections.abc import Iterator

import pytest

from tests.faults.faults import cut_off, database_killed, disk_full, hangs, two_at_once
from tests.faults.kills import PARTS, Moment, killed, moments
from tests.faults.stage import Night, Stage, make_stage
from tests.faults.trial import Fault, try_fault
from tests.servers.postgresql import PostgreSQL

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif("sys.platform == 'win32'", reason="process groups are killed by POSIX"),
]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQL) -> Iterator[Stage]:
    return make_stage(tmp_path_factory.mktemp("faults"), postgresql)


def test_a_week_of_bad_nights_is_made_up_for_by_one_plain_run(stage: Stage) -> None:
    """One fault after the other on the same state, which costs a tenth of one trial for each."""
    kill = {part: choice(moments(40, 2), part) for part, *_ in PARTS}
    # Nothing comes after publishing: on a machine that has become faster a late kill meets nobody.
    kill["publishing"] = Moment("publishing", PARTS[-1][1], 0.1)
    week = [
        cut_off(stage, 0.5),
        disk_full(1),
        killed(stage, kill["start and intake"], 1),
        hangs(stage),
        killed(stage, kill["warehouse, first half"], 2),
        database_killed(stage, 0.1, away=True),
        killed(stage, kill["publishing"], 3),
        two_at_once(),
    ]
    happened: dict[str, str] = {}

    def disturb(night: Night) -> str:
        for fault in week:
            if not fault.missing:
                happened[fault.name] = fault.disturb(night)
        return "; ".join(happened.values())

    def undo(night: Night) -> None:
        for fault in week:
            if not fault.missing:
                fault.undo(night)

    row = try_fault(stage, Fault("week", "a week of bad nights", disturb, undo))
    assert row.passed, "\n".join((row.next_run, row.readers, *row.cells()))
    assert "exit 1" in happened["cut-50"]
    assert "exit 1" in happened.get("disk-1", "exit 1")
    assert "exit 1: the run did not end within" in happened["hang"]
    assert [name for name in happened if "killed after" in happened[name]] == [
        "kill1",
        "kill2",
        "kill3",
    ]
    assert "exits [0, 0], 1 found nothing new" in happened["two"]


def choice(chosen: list[Moment], part: str) -> Moment:
    return random.Random(part).choice([moment for moment in chosen if moment.part == part])


def test_every_part_of_the_night_gets_its_kills() -> None:
    chosen = moments(40, 1)
    assert len(chosen) == 40
    assert {moment.part for moment in chosen} == {part for part, *_ in PARTS}
    assert chosen == moments(40, 1)
    assert chosen != moments(40, 2)
