"""Any sequence of deliveries, against a dictionary that is told of the same deliveries.

What holds after every load, what held after each earlier one, what vanished and returned: each must
be what the dictionary says, in intake and by the warehouse's own rule.
"""

from dataclasses import dataclass, field
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orchestration.intake.accounts import Chart
from orchestration.intake.profiles import EntityMap, Profile, canonical
from tests.dbt.macros import rendered
from tests.intake.conftest import House, make_house

ENTITY = "postings"
RULE = "'postings', ['posting_id'], [['year'], ['year', 'period']]"
Rows = dict[int, tuple[int, int]]
"""Number of a posting: its period and amount."""

rows_of_a_file = st.dictionaries(
    st.integers(1, 6), st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=6
)
deliveries = st.lists(
    st.tuples(
        st.sampled_from(["snapshot", "changes", "replacement"]),
        rows_of_a_file,
        st.sets(st.integers(1, 6), max_size=2),
    ),
    min_size=2,
    max_size=6,
)


@dataclass
class Told:
    """What somebody knows who was told of every delivery, and remembers."""

    held: Rows = field(default_factory=dict)
    missed: set[int] = field(default_factory=set)

    def tell(self, delivery: str, rows: Rows, deleted: set[int]) -> tuple[set[int], set[int]]:
        """Take in a delivery; the rows that vanish by it and those that return."""
        before = self.held
        if delivery == "snapshot":
            kept: Rows = {}
        elif delivery == "replacement":
            periods = {period for period, _ in rows.values()}
            kept = {key: row for key, row in before.items() if row[0] not in periods}
        else:
            kept = {key: row for key, row in before.items() if key not in deleted}
        self.held = kept | rows
        vanished = set(before) - set(self.held) if delivery != "changes" else set()
        returned = (set(rows) - set(before)) & self.missed
        self.missed |= vanished
        return vanished, returned


def profile_for(delivery: str) -> Profile:
    said: dict[str, Any] = {"delivery": delivery}
    if delivery == "replacement":
        said["replaces"] = ["year", "period"]
    if delivery == "changes":
        said["deleted"] = {"names": ["gone"], "values": ["x"]}
    profile = canonical("finance")
    mapped = profile.entities[ENTITY]
    entity = EntityMap.model_validate({**mapped.model_dump(), "ignored": ["gone"], **said})
    return profile.model_copy(update={"entities": {ENTITY: entity}})


def file_of(number: int, rows: Rows, deleted: set[int]) -> str:
    lines = ["posting_id,posting_date,period,year,account,amount,voucher,gone"]
    lines += [
        f"P{key},2024-03-01,{period},2024,5282010010003146,{amount},{number},"
        for key, (period, amount) in rows.items()
    ]
    lines += [f"P{key},,,,,,{number},x" for key in deleted]
    return "\n".join(lines) + "\n"


def rows_by(house: House, macro: str, up_to: int | None = None) -> Rows:
    store = house.place.store
    with duckdb.connect() as connection:
        connection.execute("create schema raw")
        connection.execute(f"create view raw.postings as from read_parquet('{store.glob(ENTITY)}')")
        connection.execute(
            "create view stg_intake__load_files as select * rename (source as source_system)"
            f" from read_parquet('{store.glob('load_files')}')"
        )
        query = rendered("current_rows.sql", f"{macro}({RULE})", up_to_load=up_to)
        found = connection.execute(
            f"select posting_id[2:]::int, period, amount::int from ({query})"
        ).fetchall()
    assert len({key for key, _, _ in found}) == len(found)
    return {key: (period, amount) for key, period, amount in found}


def told_of(house: House, rule: str, load: int) -> set[int]:
    found = house.rows("load_errors", "value", f"rule = '{rule}' and load_seq = {load}")
    return {int(value.removeprefix("P")) for (value,) in found}


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a load takes too long to shrink by
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(deliveries)
def test_what_holds_is_what_was_told(
    tmp_path_factory: pytest.TempPathFactory,
    chart: Chart,
    sequence: list[tuple[str, Rows, set[int]]],
) -> None:
    house = make_house(tmp_path_factory.mktemp("house"), chart, canonical("finance"))
    told, states = Told(), []
    for number, (delivery, rows, marked) in enumerate(sequence, start=1):
        deleted = marked - set(rows) if delivery == "changes" else set()
        vanished, returned = told.tell(delivery, rows, deleted)
        states.append(dict(told.held))
        for path in house.folder.iterdir():
            path.unlink()
        house.profile = profile_for(delivery)
        house.deliver(f"postings_{number}.csv", file_of(number, rows, deleted))
        (count,) = house.loaded().counts
        assert count.rows_loaded == len(rows) + len(deleted)
        assert (count.rows_vanished, count.rows_returned) == (len(vanished), len(returned))
        assert told_of(house, "row_vanished", number) == vanished
        assert told_of(house, "row_returned", number) == returned
        assert rows_by(house, "current_rows") == told.held
        assert rows_by(house, "rows_that_hold") == told.held
    assert [rows_by(house, "current_rows", n) for n in range(1, len(states) + 1)] == states
