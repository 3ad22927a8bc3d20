"""Refund of expensive single cases: the warehouse and a person with the delivered files agree.

Belongs here: equality of the two, to the øre, for every household and month.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.conftest import Municipality
from tests.end_to_end.refund_reckoning import Ledger, Month, Tied, reckon, refund

pytestmark = pytest.mark.slow

Series = tuple[tuple[Month, int, int], ...]
LIMITS = {
    2020: [(83_000_000, 2500), (163_000_000, 5000)],
    2022: [(86_000_000, 2500), (168_000_000, 5000), (212_000_000, 7500)],
}


@pytest.mark.parametrize(
    ("kroner", "year", "expected"),
    [
        (69_166, 2020, "0.00"),
        (200_000, 2020, "48750.00"),
        (250_000, 2022, "90416.66"),
        (100_000, 2023, "7083.33"),
        (-5_000, 2022, "0.00"),
    ],
)
def test_the_reckoning_itself_on_two_and_three_tiers(kroner: int, year: int, expected: str) -> None:
    assert f"{refund(kroner * 100, year, LIMITS) / 100:.2f}" == expected


def test_every_household_and_month_is_equal_to_the_oere(night: Municipality, exports: Path) -> None:
    with duckdb.connect(str(night.current / "serving.duckdb"), read_only=True) as connection:
        tied = connection.execute(
            """select posting_id, measure_id, cast(amount * 100 as bigint) from marts.fct_cost
            left join (select measure_key, measure_id from marts.fct_measure) using (measure_key)"""
        ).fetchall()
        published = connection.execute(
            """select household_key, year, month(month), cast(eligible_cost * 100 as bigint),
            cast(expected_refund * 100 as bigint) from marts.fct_refund_month
            where eligible_cost <> 0 or expected_refund <> 0"""
        ).fetchall()
        [run] = connection.execute(
            "select first_month, last_complete_month, as_of from reporting.rpt_run"
        ).fetchall()
    first, last, as_of = run
    ledger = Ledger((first.year, first.month), (last.year, last.month), as_of)
    reckoned = reckon(exports, [Tied(*row) for row in tied], ledger)
    mine: dict[str, list[tuple[Month, int, int]]] = defaultdict(list)
    for (household, month), (cost, due) in reckoned.items():
        mine[household].append((month, cost, due))
    theirs: dict[int, list[tuple[Month, int, int]]] = defaultdict(list)
    for household, year, month, cost, due in published:
        theirs[household].append(((year, month), cost, due))
    # The warehouse knows households by a pseudonym, so they are told by what they cost.
    assert _series(theirs.values()) == _series(mine.values())
    assert sum(due for _, due in reckoned.values()) > 0


def _series(households: Iterable[list[tuple[Month, int, int]]]) -> Counter[Series]:
    return Counter(tuple(sorted(months)) for months in households)
