"""History as dbt's snapshots keep it: what was known on a day is what was delivered until then.

Three nights deliver measures and budget; a measure vanishes and returns, another gets another end
delivered late, a budget line is corrected. Told night by night and told all at once, after the
warehouse file was lost, it is the same history.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestration.progress import Silent
from orchestration.state import State
from orchestration.steps.history import catch_up, entities_with_history
from tests.dbt.conftest import WITHOUT_UNIT_TESTS, Warehouse
from tests.dbt.macros import rendered
from tests.dbt.raw_layer import ENTITIES, ROOT, entity_schema, write_raw, write_table
from tests.dbt.small_municipality import BUDGET, FEEDS, MEASURES, RUN, Rows, load_file

pytestmark = pytest.mark.slow

HISTORY_PAGE = (ROOT / "docs/history.md").read_text(encoding="utf-8")
MEASURES_THEN = "measures as they were known at the end of a day"
BUDGET_THEN = "budget as it was known at the end of a day"
M1, M2, *OTHERS = MEASURES
LATE = {**M2, "ended_on": "2024-03-20", "status": "ended"}
FIRST, *LINES = BUDGET
CORRECTED = {**FIRST, "amount": 777}
MEASURES_BY_NIGHT: list[Rows] = [MEASURES, [M2, *OTHERS], [M1, LATE, *OTHERS]]
BUDGET_BY_NIGHT: list[Rows] = [BUDGET, [CORRECTED, *LINES], [CORRECTED, *reversed(LINES)]]
ONLY_HISTORY = ("--select", "+resource_type:snapshot", *WITHOUT_UNIT_TESTS)
ONLY_HISTORY += ("--exclude-resource-type", "test")


class Nights(Warehouse):
    """A warehouse that lies where the nightly job has it."""

    @property
    def file(self) -> Path:
        return self.state.warehouse

    @property
    def state(self) -> State:
        return State(self.folder)

    def deliver(self, night: int) -> None:
        """The exports of one night, in the raw layer; the first has all feeds."""
        if night == 1:
            self.state.prepare()
            write_raw(self.raw, {"run": [RUN], **FEEDS})
            return
        delivered = {
            "measures": MEASURES_BY_NIGHT[night - 1],
            "budget": BUDGET_BY_NIGHT[night - 1],
        }
        meta = {"_load_id": f"load_{night}", "_load_seq": night}
        for entity, rows in delivered.items():
            stamped = [{**row, **meta} for row in rows]
            write_table(self.raw, entity, stamped, file=f"load_{night}")
        files = [load_file(entity, len(rows), load=night) for entity, rows in delivered.items()]
        write_table(self.raw, "load_files", files, file=f"load_{night}")

    def tell(self) -> int:
        """History as the night tells it; how many earlier states it had to be told."""
        replayed = catch_up(self.state, Silent())
        self.build(*ONLY_HISTORY)
        return replayed

    def history(self, entity: str) -> list[tuple[Any, ...]]:
        return self.rows(f"from history.hist_{entity} order by all")

    def known_on(self, entity: str, day: date, columns: str) -> list[tuple[Any, ...]]:
        query = rendered("history.sql", f"known_on('{entity}', \"date '{day}'\")")
        query = query.replace(f"hist_{entity}", f"history.hist_{entity}", 1)
        return self.rows(f"select {columns} from ({query}) order by all")


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Three nights, one after the other."""
    found = Nights(tmp_path_factory.mktemp("nights"))
    for night in (1, 2, 3):
        found.deliver(night)
        assert found.tell() == 0
    return found


def days_known(nights: Nights) -> Iterator[tuple[int, date]]:
    for night in (1, 2, 3):
        yield night, date(2024, 10, night)


def test_what_was_known_on_a_day_is_what_was_delivered_until_then(nights: Nights) -> None:
    for night, day in days_known(nights):
        measures = {row["measure_id"]: row.get("ended_on") for row in MEASURES_BY_NIGHT[night - 1]}
        known = nights.known_on("measures", day, "measure_id, ended_on::varchar")
        assert dict(known) == measures
        amounts = sorted(int(row["amount"]) for row in BUDGET_BY_NIGHT[night - 1])
        assert nights.known_on("budget", day, "amount::int") == [(amount,) for amount in amounts]
    assert nights.known_on("measures", date(2024, 9, 30), "measure_id") == []


def test_a_measure_that_vanished_and_returned_has_three_records(nights: Nights) -> None:
    records = nights.rows(
        "select dbt_valid_from::date, dbt_valid_to::date, dbt_is_deleted"
        f" from history.hist_measures where measure_id = '{M1['measure_id']}' order by 1"
    )
    first, second, third = (date(2024, 10, day) for day in (1, 2, 3))
    assert records == [(first, second, "False"), (second, third, "True"), (third, None, "False")]


def test_rows_delivered_again_in_another_order_are_no_news(nights: Nights) -> None:
    assert nights.value("select count(*) from history.hist_budget") == len(BUDGET) + 1
    told = nights.rows("select entity, max(load_seq) from history.loads_told group by 1 order by 1")
    assert dict(told) == {
        entity: 3 if entity in ("measures", "budget") else 1 for entity in entities_with_history()
    }


def test_a_lost_warehouse_is_told_the_same_history(
    nights: Nights, tmp_path_factory: pytest.TempPathFactory
) -> None:
    again = Nights(tmp_path_factory.mktemp("lost"))
    for night in (1, 2, 3):
        again.deliver(night)
    assert again.tell() == 2
    for entity in entities_with_history():
        assert again.history(entity) == nights.history(entity), entity
    assert catch_up(again.state, Silent()) == 0


@pytest.mark.parametrize("entity", sorted(entities_with_history()))
def test_a_snapshot_checks_every_column_of_its_entity(nights: Nights, entity: str) -> None:
    [node] = [
        node
        for node in nights.manifest["nodes"].values()
        if node["resource_type"] == "snapshot" and node["name"] == f"hist_{entity}"
    ]
    key = {
        "person_id" if ENTITIES[entity]["columns"][name]["type"] == "cpr" else name
        for name in ENTITIES[entity]["key"]
    }
    delivered = {name for name in entity_schema(entity).names if not name.startswith("_")}
    assert set(node["config"]["check_cols"]) == delivered - key
    assert node["config"]["hard_deletes"] == "new_record"


def documented(title: str, day: date) -> str:
    """The query of docs/history.md that begins with this comment, asked of another day."""
    [query] = re.findall(rf"```sql\n(-- {title}\n.*?)```", HISTORY_PAGE, flags=re.DOTALL)
    return str(query).replace("2026-10-15", day.isoformat())


def test_an_earlier_report_is_explained_from_the_marts(nights: Nights) -> None:
    """The documented queries say what held on each night, and what has changed since."""
    history = ("fct_measure_history", "fct_budget_history", "dim_case_history")
    chosen = ("--select", *(f"+{name}" for name in history), *WITHOUT_UNIT_TESTS)
    nights.build(*chosen, "--exclude-resource-type", "test", "--exclude-resource-type", "snapshot")
    changes = {
        night: {row[0]: row[3:5] for row in nights.rows(documented(MEASURES_THEN, day))}
        for night, day in days_known(nights)
    }
    late = date.fromisoformat(LATE["ended_on"])
    assert changes[1] == {
        M1["measure_id"]: (None, None),  # another version: it was gone in between
        M2["measure_id"]: (date.fromisoformat(M2["ended_on"]), late),
    }
    assert changes[2][M1["measure_id"]] == (None, None)
    assert changes[3] == {}
    budgets = {
        night: nights.rows(documented(BUDGET_THEN, day)) for night, day in days_known(nights)
    }
    for night, lines in enumerate(BUDGET_BY_NIGHT, start=1):
        decided = [line for line in lines if line["decided_on"] <= f"2024-10-0{night}"]
        assert budgets[night] == [(2024, sum(line["amount"] for line in decided))]
    assert budgets[1] != budgets[2]
    open_cases = "select count(*) from marts.dim_case_history where known_to is null"
    assert nights.value(open_cases) == len(FEEDS["cases"]) + 1


def test_an_end_that_is_delivered_late_moves_the_months_it_is_about(nights: Nights) -> None:
    """The third night says that a measure ended half a year before; its later months go."""
    months = (
        "select month, active_days + expected_days from marts.fct_measure_month"
        " join intermediate.int_measures using (measure_key)"
        f" where measure_id = '{M2['measure_id']}'"
    )
    chosen = ("--select", "+fct_measure_month", *WITHOUT_UNIT_TESTS)
    chosen += ("--exclude-resource-type", "test", "--exclude-resource-type", "snapshot")
    nights.build(*chosen, "--vars", "up_to_load: 2")
    before = dict(nights.rows(months))
    nights.build(*chosen)
    now = dict(nights.rows(months))
    march = date(2024, 3, 1)
    assert max(before) > march
    assert max(now) == march
    assert now[march] == before[march] - 11
    assert {month: days for month, days in before.items() if month < march} == {
        month: days for month, days in now.items() if month < march
    }
