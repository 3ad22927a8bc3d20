"""Flat tables: no row about few persons, none that follows from a sum, no table without a rule."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from exports.disclosure import control, load_rules, require_declared
from exports.disclosure_flat import DisclosureError, FlatTable, columns_of, control_flat, margins_of
from tests.exports.attacker import worked_out

REPORTING = Path(__file__).parents[2] / "dbt_project/models/reporting"
LIMIT, DOMINANCE = 5, 0.85
ONE_MARGIN: FlatTable = {"margin": ["month"], "persons": "children", "values": ["cases"]}
TWO_MARGINS: FlatTable = {
    "margins": [["month"], ["team"]],
    "persons": "children",
    "values": ["cases"],
}


def table_of(counts: Sequence[Sequence[int | None]]) -> pd.DataFrame:
    """One row per month (outer) and team (inner); four cases a child."""
    return pd.DataFrame(
        [
            {"month": month, "team": f"T{team}", "children": count, "cases": 4 * (count or 0)}
            for month, teams in enumerate(counts)
            for team, count in enumerate(teams)
        ]
    ).assign(suppressed=False)


def controlled(frame: pd.DataFrame, table: FlatTable) -> pd.DataFrame:
    return control_flat("rpt_made_up", frame, table, LIMIT, DOMINANCE)


def hidden_teams(frame: pd.DataFrame, table: FlatTable = ONE_MARGIN) -> list[tuple[int, str]]:
    safe = controlled(frame, table)
    rows = safe[safe["suppressed"]]
    return list(zip(rows["month"], rows["team"], strict=True))


def test_a_small_row_takes_the_next_smallest_along() -> None:
    assert hidden_teams(table_of([[3, 20, 9, 11]])) == [(0, "T0"), (0, "T2")]


def test_small_rows_that_rest_on_the_threshold_together_suffice() -> None:
    assert hidden_teams(table_of([[3, 2, 9, 11]])) == [(0, "T0"), (0, "T1")]


def test_small_rows_below_the_threshold_together_take_another_along() -> None:
    assert hidden_teams(table_of([[1, 1, 9, 11]])) == [(0, "T0"), (0, "T1"), (0, "T2")]


def test_a_row_of_nobody_stays_and_does_not_protect() -> None:
    assert hidden_teams(table_of([[3, 0, 0, 11]])) == [(0, "T0"), (0, "T3")]
    assert hidden_teams(table_of([[0, 0, 8, 11]])) == []


def test_margins_stand_apart() -> None:
    assert hidden_teams(table_of([[3, 20, 9], [7, 8, 9]])) == [(0, "T0"), (0, "T2")]


def test_no_margin_is_the_whole_table() -> None:
    whole: FlatTable = {**ONE_MARGIN, "margin": []}
    assert hidden_teams(table_of([[9, 6], [7, 3]]), whole) == [(0, "T1"), (1, "T1")]


def test_what_protects_one_margin_is_protected_in_the_other() -> None:
    hidden = hidden_teams(table_of([[3, 7, 30], [8, 9, 40], [50, 60, 70]]), TWO_MARGINS)
    assert hidden == [(0, "T0"), (0, "T1"), (1, "T0"), (1, "T1")]


def test_a_chain_of_subtractions_across_margins_is_broken() -> None:
    """Two blocks of four hidden rows and one row between them: two per line, and yet it follows."""
    counts = np.full((4, 4), 50)
    counts[:2, :2], counts[2:, 2:], counts[0, 2] = 3, 3, 4
    safe = controlled(table_of([list(map(int, line)) for line in counts]), TWO_MARGINS)
    assert_safe(safe, TWO_MARGINS, [int(count) for count in counts.ravel()])


def test_a_row_whose_persons_are_not_known_is_hidden() -> None:
    assert hidden_teams(table_of([[None, 20, 9, 11]])) == [(0, "T0"), (0, "T2")]


def test_hidden_rows_are_empty_and_others_are_not() -> None:
    safe = controlled(table_of([[3, 20, 9, 11]]), ONE_MARGIN)
    assert safe.loc[safe["suppressed"], ["children", "cases"]].isna().all(axis=None)
    assert safe.loc[~safe["suppressed"], "cases"].tolist() == [80, 44]


def test_one_child_that_carries_an_amount_hides_the_row_and_its_share_is_never_told() -> None:
    table: FlatTable = {**ONE_MARGIN, "dominance": ["largest_child_share"]}
    frame = table_of([[9, 20, 30]]).assign(largest_child_share=[0.9, 0.2, 0.1])
    safe = controlled(frame, table)
    assert safe["suppressed"].tolist() == [True, True, False]
    assert safe["largest_child_share"].isna().all()


def test_text_is_emptied_too() -> None:
    table: FlatTable = {**ONE_MARGIN, "values": ["verdict"]}
    safe = controlled(table_of([[3, 20, 9]]).assign(verdict=["late", "good", "fair"]), table)
    assert safe["verdict"].tolist() == [None, "good", None]


@pytest.mark.parametrize("kind", ["datetime64[us]", "object"])
def test_dates_stay_dates_also_where_all_are_empty(kind: str) -> None:
    """Found by a whole night: empty dates became numbers, and publishing stopped."""
    table: FlatTable = {**ONE_MARGIN, "values": ["due_on"]}
    days = pd.Series(pd.to_datetime(["2026-11-01", "2026-11-02", None])).astype(kind)
    safe = controlled(table_of([[3, 20, 9]]).assign(due_on=days), table)
    assert pd.to_datetime(safe["due_on"]).tolist() == [pd.NaT, days[1], pd.NaT]
    nothing = controlled(table_of([[3, 20, 9]]).assign(due_on=days.where(days.isna())), table)
    assert nothing["due_on"].dtype == kind


def test_the_order_of_the_rows_does_not_matter() -> None:
    frame = table_of([[3, 9, 9, 11], [9, 9, 2, 9]])
    mixed = frame.sample(frac=1, random_state=3)
    assert sorted(hidden_teams(mixed, TWO_MARGINS)) == sorted(hidden_teams(frame, TWO_MARGINS))


def test_an_empty_table_passes() -> None:
    assert controlled(table_of([]).reindex(columns=table_of([[1]]).columns), TWO_MARGINS).empty


def assert_safe(safe: pd.DataFrame, table: FlatTable, persons: Sequence[int]) -> None:
    """Of each margin: nothing small is published, and what is hidden follows from no sum.

    Where every row with persons of a margin is hidden, its sum is itself about those persons.
    """
    shown = safe["children"].dropna()
    assert not ((shown > 0) & (shown < LIMIT)).any()
    truth = pd.Series(persons, index=safe.index)
    full: set[tuple[object, ...]] = set()
    equations: list[dict[tuple[object, ...], float]] = []
    for margin in margins_of(table):
        for _, rows in safe.groupby(margin):
            gone = rows.index[rows["suppressed"]]
            if not len(gone):
                continue
            equations.append({(number,): 1.0 for number in gone})
            left = rows.index[~rows["suppressed"] & (truth[rows.index] > 0)]
            if len(left):
                assert len(gone) >= 2
                assert truth[gone].sum() >= LIMIT
            else:
                full |= {(number,) for number in gone}
    hidden = {(number,) for number in safe.index[safe["suppressed"]]}
    assert worked_out(equations, hidden) <= full


@settings(max_examples=60, deadline=None, derandomize=True)
@example([[1, 9], [9, 1]])
@example([[0, 3, 0], [0, 0, 0]])
@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(
            st.lists(st.sampled_from([0, 0, 1, 2, 4, 5, 6, 9, 30]), min_size=width, max_size=width),
            min_size=1,
            max_size=6,
        )
    )
)
def test_any_table_is_safe_and_stays_as_it_is_when_controlled_again(
    counts: list[list[int]],
) -> None:
    frame = table_of(counts)
    persons = [count for teams in counts for count in teams]
    for table in (ONE_MARGIN, TWO_MARGINS):
        safe = controlled(frame, table)
        assert_safe(safe, table, persons)
        assert not safe.loc[frame["children"] == 0, "suppressed"].any()
        pd.testing.assert_frame_equal(controlled(safe, table), safe)


def test_a_table_without_a_rule_stops() -> None:
    with pytest.raises(DisclosureError, match="rpt_new may be published"):
        control({"rpt_new": pd.DataFrame({"children": [1]})})


def test_a_table_with_two_rules_stops() -> None:
    rules = load_rules()
    twice = type(rules)(**{**vars(rules), "not_about_persons": ["rpt_outturn"]})
    with pytest.raises(DisclosureError, match="rpt_outturn in two places"):
        require_declared(["rpt_outturn"], twice)


def test_a_column_that_is_not_there_stops() -> None:
    with pytest.raises(DisclosureError, match="rpt_made_up has no column children"):
        controlled(table_of([[3]]).drop(columns="children"), ONE_MARGIN)


def test_every_reporting_model_has_one_rule_and_every_rule_a_model() -> None:
    rules = load_rules()
    models = {path.stem for path in REPORTING.glob("*.sql")}
    require_declared(sorted(models), rules)
    assert set(rules.declared) == models


def test_flat_rules_name_columns_of_their_models() -> None:
    for name, table in load_rules().flat.items():
        text = (REPORTING / f"{name}.yml").read_text(encoding="utf-8")
        [model] = yaml.safe_load(text)["models"]
        columns = {column["name"] for column in model["columns"]}
        assert columns_of(table) <= columns, name
        assert "suppressed" in columns, name
