"""Reference data: every line says when it holds, where it comes from, and whether that was read.

Belongs here: what holds of all seeds, and the chart's changes. Not here: what a rule does with them
(the dbt unit tests).
"""

import csv
from datetime import date

import pytest

from tests.dbt.conftest import PROJECT
from tests.dbt.raw_layer import ROOT

SEEDS = sorted((PROJECT / "seeds").glob("*.csv"))
# Words for codes and classes: nothing in them can be right or wrong on a date.
LABELS = {
    "ref_deadline_duties",
    "ref_forecast_bins",
    "ref_labels",
    "ref_month_names",
    "ref_notification_sources",
    "ref_quality_rules",
}
# Each line is a day of its own.
DAYS = {"ref_holidays"}
PAGE = (ROOT / "docs/reference-data.md").read_text(encoding="utf-8")
# One municipality's mapping before 2021, as its accounts were used.
USED = {
    ("5.28.20", "003"): "27",
    ("5.28.20", "004"): "11",
    ("5.28.20", "005"): "6",
    ("5.28.21", "002"): "home_support",
    ("5.28.21", "003"): "family_treatment",
    ("5.28.21", "004"): "family_stay",
    ("5.28.21", "005"): "respite",
    ("5.28.21", "006"): "respite",
    ("5.28.21", "007"): "contact_person",
    ("5.28.21", "009"): "internship",
    ("5.28.21", "010"): "other_help",
    ("5.28.21", "011"): "economic_support",
    ("5.28.21", "013"): "parent_support",
    ("5.28.21", "014"): "other_help",
    ("5.28.21", "016"): "counselling",
    ("5.28.21", "017"): "early_prevention",
    ("5.28.21", "019"): "other_help",
    ("5.28.22", "004"): "22",
    ("5.28.22", "005"): "1",
    ("5.28.23", "001"): "9",
    ("5.28.23", "002"): "9",
    ("5.28.24", "999"): "8",
    ("5.28.25", "999"): "special_day_care",
    ("5.57.72", "009"): "extra_costs",
    ("5.57.72", "015"): "lost_earnings",
    ("5.57.72", "016"): "home_training",
}


def lines(name: str) -> list[dict[str, str]]:
    with (PROJECT / f"seeds/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def types_on(day: date) -> dict[tuple[str, str], set[str]]:
    """What each function and grouping stands for on a day."""
    found: dict[tuple[str, str], set[str]] = {}
    for line in [*lines("ref_measure_types"), *lines("ref_groupings")]:
        if line["valid_from"] <= day.isoformat() <= (line["valid_to"] or "9999-12-31"):
            place = (line["function"], line["grouping"])
            found.setdefault(place, set()).add(line["measure_type"])
    return found


@pytest.mark.parametrize("name", [path.stem for path in SEEDS])
def test_a_line_says_when_it_holds_where_from_and_whether_it_was_read(name: str) -> None:
    assert f"`{name}`" in PAGE, "docs/reference-data.md does not say what it answers"
    if name in LABELS:
        return
    for number, line in enumerate(lines(name), start=2):
        where = f"{name}.csv line {number}"
        assert line["source"], where
        assert line["verified"] in ("true", "false"), where
        if name not in DAYS:
            begin = date.fromisoformat(line["valid_from"])
            end = date.fromisoformat(line["valid_to"] or "9999-12-31")
            assert begin <= end, where


def test_label_lists_are_seeds() -> None:
    assert {path.stem for path in SEEDS} >= LABELS | DAYS


def test_groupings_in_use_stand_for_their_types() -> None:
    found = types_on(date(2026, 1, 1))
    assert {place: found.get(place) for place in USED} == {
        place: {name} for place, name in USED.items()
    }


def test_foster_care_is_bridged_over_the_split_of_2018() -> None:
    before, after = types_on(date(2017, 12, 31)), types_on(date(2018, 1, 1))
    assert before["5.28.20", "001"] == {"21"}
    assert before["5.28.20", "002"] == {"1"}
    assert ("5.28.22", "001") not in before
    assert after["5.28.22", "001"] == {"21"}
    assert after["5.28.22", "005"] == {"1"}
    assert ("5.28.20", "001") not in after
    functions = {
        line["valid_from"]: line for line in lines("ref_functions") if line["function"] == "5.28.20"
    }
    assert functions["2007-01-01"]["valid_to"] == "2017-12-31"
    assert "2018-01-01" in functions


def test_limits_that_were_not_read_say_so() -> None:
    verified = {line["year"] for line in lines("ref_refund_limits") if line["verified"] == "true"}
    assert verified == {"2007", "2008", "2009", "2020", "2022"}
    assert {line["verified"] for line in lines("ref_price_index")} == {"false"}
