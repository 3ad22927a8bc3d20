"""Which earlier states history has to be told before the night's own build."""

from datetime import UTC, datetime

import pytest

from orchestration.intake.contract import entities
from orchestration.steps.history import Load, entities_with_history, states_to_replay


def load(seq: int, entity: str = "measures", day: int = 1, source: str = "cases") -> Load:
    return Load(seq, source, entity, datetime(2026, 11, day, 2, seq, tzinfo=UTC))


@pytest.mark.parametrize(
    ("untold", "stops"),
    [
        ([], []),
        ([load(1)], []),
        ([load(7, "cases"), load(7), load(8, "budget", source="finance")], []),
        ([load(1), load(2)], [1]),
        ([load(1), load(2, "cases", day=2)], [1]),
        ([load(1), load(1, "cases"), load(2, "budget"), load(3), load(4, "budget")], [2]),
        ([load(3, day=3), load(1, day=1), load(2, day=2)], [1, 2]),
        ([load(1), load(2, source="other")], []),
    ],
)
def test_a_state_is_replayed_where_another_follows_on_it(
    untold: list[Load], stops: list[int]
) -> None:
    assert states_to_replay(untold) == stops


def test_snapshots_are_of_entities() -> None:
    assert entities_with_history() <= set(entities())
    assert {"measures", "budget"} <= entities_with_history()
