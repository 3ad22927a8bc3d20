"""Disclosure control: nothing about fewer than five children, and nothing lost without need."""

import numpy as np
import pandas as pd
import pytest

from exports.disclosure import control, load_rules, suppressed_cells
from tests.exports.sample_frames import frames_from, sample_frames, sample_persons

RAW = sample_frames()
SAFE = control(RAW)


def cell(frames: dict[str, pd.DataFrame], level: str, key: str, year: int = 2026) -> pd.Series:
    frame = frames["rpt_outturn"]
    mask = (frame["level"] == level) & (frame["key"] == key) & (frame["year"] == year)
    return frame[mask].iloc[0]


def test_the_thresholds_are_data() -> None:
    rules = load_rules()
    assert rules.threshold == 5
    assert 0.5 <= rules.dominance < 1


@pytest.mark.parametrize("key", ["7", "8", "family_stay", "internship"])
def test_small_types_are_hidden_in_every_table(key: str) -> None:
    for name, column in [
        ("rpt_outturn", "actual_to_date"),
        ("rpt_outturn", "mean"),
        ("rpt_outturn", "children"),
        ("rpt_expenditure_month", "actual"),
        ("rpt_expenditure_month", "p50"),
        ("rpt_activity_month", "children"),
        ("rpt_activity_month", "full_year_persons"),
        ("rpt_activity_year", "unit_price"),
        ("rpt_activity_year", "unit_price_fixed"),
        ("rpt_change", "change"),
        ("rpt_order_plan", "actual_full_year_persons"),
        ("rpt_variance", "actual_amount"),
        ("rpt_variance", "mix_effect"),
    ]:
        frame = SAFE[name]
        where = frame["key"] if "key" in frame else frame["measure_type"]
        rows = frame[where == key]
        assert len(rows), name
        assert rows[column].isna().all(), name
        assert rows["suppressed"].all(), name


def test_budgets_and_plans_are_public() -> None:
    for column in ("original_budget", "adjusted_budget"):
        pd.testing.assert_series_equal(SAFE["rpt_outturn"][column], RAW["rpt_outturn"][column])
    plan = "planned_full_year_persons"
    pd.testing.assert_series_equal(SAFE["rpt_order_plan"][plan], RAW["rpt_order_plan"][plan])


def test_the_total_and_large_cells_stay() -> None:
    for level, key in [("total", "total"), ("function", "5.28.22"), ("measure_type", "27")]:
        before, after = cell(RAW, level, key), cell(SAFE, level, key)
        assert not after["suppressed"]
        assert after["mean"] == pytest.approx(before["mean"])
    assert SAFE["rpt_outturn"]["suppressed"].mean() < 0.2


def test_cells_without_persons_stay() -> None:
    for key in ("5.22.07", "6.45.58"):
        assert not cell(SAFE, "function", key)["suppressed"]


def test_a_forecast_of_a_hidden_series_is_hidden_too() -> None:
    assert cell(SAFE, "measure_type", "8", 2027)["suppressed"]
    assert not cell(SAFE, "measure_type", "27", 2027)["suppressed"]


def test_a_lone_child_of_a_published_parent_takes_a_sibling_along() -> None:
    hidden = SAFE["rpt_outturn"].query("year == 2026 and suppressed")
    by_parent = hidden[hidden["level"] == "measure_type"].groupby("parent_function").size()
    for function, count in by_parent.items():
        assert count > 1 or cell(SAFE, "function", str(function))["suppressed"]
    assert (hidden["level"] == "function").sum() != 1


def test_control_columns_are_empty() -> None:
    assert SAFE["rpt_outturn"]["largest_child_share"].isna().all()
    assert SAFE["rpt_outturn"]["children_month_min"].isna().all()
    assert SAFE["rpt_activity_year"]["children_month_min"].isna().all()


def test_one_child_that_dominates_hides_the_cell() -> None:
    persons = sample_persons()
    whale = persons["person"] == persons.loc[persons["measure_type"] == "11", "person"].iloc[0]
    persons.loc[whale, "cost"] *= 500
    safe = control(frames_from(persons))
    assert cell(safe, "measure_type", "11", 2024)["suppressed"]
    assert not cell(SAFE, "measure_type", "11", 2024)["suppressed"]


def test_a_ledger_without_persons_is_published_whole() -> None:
    frames = sample_frames()
    frames["rpt_outturn"]["children"] = 0
    for column in ("children_month_min", "largest_child_share"):
        frames["rpt_outturn"][column] = np.nan
    for name in ("rpt_activity_month", "rpt_activity_year", "rpt_placement_month"):
        frames[name] = frames[name].iloc[:0]
    for name in ("rpt_order_plan", "rpt_variance"):
        frames[name] = frames[name].iloc[:0]
    safe = control(frames)
    assert sum(suppressed_cells(safe).values()) == 0
    pd.testing.assert_series_equal(safe["rpt_outturn"]["mean"], frames["rpt_outturn"]["mean"])


def test_row_counts_of_loads_are_not_about_persons() -> None:
    for name in ("rpt_load", "rpt_data_quality", "rpt_run"):
        pd.testing.assert_frame_equal(SAFE[name], RAW[name])


def test_few_rows_of_a_team_are_hidden_with_another_teams() -> None:
    """A row is about one child: four rows with a fault tell of four children at most."""
    checked = [90, 80, 70, 60]
    failing = [4, 0, 30, 0]
    teams = pd.DataFrame(
        {
            "month": pd.Timestamp("2026-10-01"),
            "source": "cases",
            "entity": "measures",
            "rule": "measure_overlap",
            "team": ["A", "B", "C", "D"],
            "rows_checked": checked,
            "rows_failing": failing,
            "share_failing": [one / every for one, every in zip(failing, checked, strict=True)],
            "rows_smallest": [4, 80, 30, 60],
            "suppressed": False,
        }
    )
    safe = control({**sample_frames(), "rpt_data_quality_month": teams})["rpt_data_quality_month"]
    assert list(safe["suppressed"]) == [True, False, True, False]
    assert list(safe["rows_failing"].isna()) == [True, False, True, False]


def test_small_flows_of_a_month_are_hidden_both() -> None:
    frames = sample_frames()
    placement = frames["rpt_placement_month"]
    placement.loc[5, "started"] = 3
    safe = control(frames)["rpt_placement_month"]
    assert safe.loc[5, ["started", "ended"]].isna().all()
    assert safe.loc[5, "suppressed"]
    assert safe.loc[5, "children_placed"] == placement.loc[5, "children_placed"]


def test_network_care_of_few_children_hides_its_share() -> None:
    persons = sample_persons()
    network = persons["measure_type"] == "1"
    few = persons.loc[network, "person"].drop_duplicates().head(3)
    kept = persons[~network | persons["person"].isin(few)]
    safe = control(frames_from(kept))["rpt_placement_month"]
    assert safe["share_network"].isna().all()


def test_few_between_the_own_municipality_and_the_neighbourhood_hide_the_smaller_share() -> None:
    frames = sample_frames()
    placement = frames["rpt_placement_month"]
    placement.loc[5, "share_near"] = placement.loc[5, "share_own_municipality"] + (
        3 / placement.loc[5, "children_placed"]
    )
    safe = control(frames)["rpt_placement_month"]
    assert pd.isna(safe.loc[5, "share_own_municipality"])
    assert pd.notna(safe.loc[5, "share_near"])


def test_few_breakdowns_hide_the_moves_of_their_month() -> None:
    frames = sample_frames()
    events = ["moves", "moves_up", "moves_down", "breakdowns"]
    frames["rpt_placement_month"].loc[5, events] = [20, 6, 7, 3]
    frames["rpt_placement_month"].loc[6, events] = [20, 6, 7, 0]
    safe = control(frames)["rpt_placement_month"]
    assert safe.loc[5, events].isna().all()
    assert safe.loc[6, events].notna().all()


def test_input_is_not_changed() -> None:
    frames = sample_frames()
    control(frames)
    for name, frame in sample_frames().items():
        pd.testing.assert_frame_equal(frames[name], frame)


def test_controlling_twice_changes_nothing() -> None:
    again = control(SAFE)
    for name, frame in SAFE.items():
        pd.testing.assert_frame_equal(again[name], frame)


def test_controlling_twice_changes_nothing_where_a_share_is_small_all_year() -> None:
    frames = {name: frame.copy() for name, frame in RAW.items()}
    place = frames["rpt_placement_month"]
    place["share_foster"] = 1 - 2 / pd.to_numeric(place["children_placed"])
    once = control(frames)
    assert once["rpt_placement_month"]["share_foster"].isna().all()
    assert suppressed_cells(control(once)) == suppressed_cells(once)


def test_empty_tables_pass() -> None:
    empty = {name: frame.iloc[:0] for name, frame in RAW.items()}
    assert all(frame.empty for frame in control(empty).values())
    assert control({}) == {}


def test_decimals_from_the_warehouse_are_understood() -> None:
    frames = sample_frames()
    outturn = frames["rpt_outturn"]
    for column in ("actual_to_date", "mean"):
        outturn[column] = outturn[column].map(lambda value: pd.NA if pd.isna(value) else value)
        outturn[column] = outturn[column].astype(object)
    assert suppressed_cells(control(frames)) == suppressed_cells(SAFE)
