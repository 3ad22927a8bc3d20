"""The cockpit's plain charts: which rows a choice shows, and sentences true over hidden cells."""

from pathlib import Path

import pandas as pd
import pytest

from exports.charts.statements import (
    finding_beside,
    finding_largest,
    finding_latest,
    finding_wins,
)
from exports.cockpit import unpacked, write_cockpit
from exports.cockpit.blocks import block_figure, blocks
from exports.cockpit.inputs import read
from exports.cockpit.layout import FILTERS
from exports.disclosure import control, load_rules
from exports.language import Language
from tests.exports.sample_frames import sample_frames
from tests.exports.sample_reports import report_frames

DA = Language("da")
NAMED = ("cases", "Sager")
Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def frames() -> Frames:
    return {**sample_frames(), **report_frames()}


@pytest.fixture(scope="module")
def shown(frames: Frames) -> Frames:
    return control({name: frame for name, frame in frames.items() if name.startswith("rpt_")})


def months(*values: float | None, hidden: tuple[int, ...] = ()) -> pd.DataFrame:
    frame = pd.DataFrame({"month": pd.date_range("2025-10-01", periods=len(values), freq="MS")})
    frame["cases"] = pd.Series(values, dtype=float)
    return frame.assign(suppressed=[number in hidden for number in range(len(values))])


def test_the_newest_is_told_against_the_same_month_a_year_before() -> None:
    frame = months(20, *[1] * 11, 25)
    told = finding_latest(frame, DA, NAMED, "number", "Familie 1")
    assert told == "Sager, Familie 1: 25 i oktober 2026, op fra 20 i oktober 2025"
    assert "ned fra 30" in finding_latest(months(30, *[1] * 11, 25), DA, NAMED, "number")
    assert "som i oktober 2025" in finding_latest(months(25, *[1] * 11, 25), DA, NAMED, "number")


def test_a_hidden_newest_figure_is_hidden_and_a_hidden_one_before_is_not_compared_with() -> None:
    newest = months(20, *[1] * 11, None, hidden=(12,))
    assert finding_latest(newest, DA, NAMED, "number").endswith("oktober 2026 er diskretioneret")
    before = months(None, *[1] * 11, 25, hidden=(0,))
    assert finding_latest(before, DA, NAMED, "number") == "Sager: 25 i oktober 2026"
    nothing = months(None, None)
    assert "ingen tal" in finding_latest(nothing, DA, NAMED, "number")


def test_two_series_are_told_from_the_same_month() -> None:
    frame = months(1e6, 2e6, 3e6).assign(plan=[2e6, 5e6, None])
    told = finding_beside(frame, DA, NAMED, ("plan", "Planen"), "million")
    assert told == "Sager: 2,00 mio. kr. i november 2025 – planen: 5,00 mio. kr."


def named(*values: float | None) -> pd.DataFrame:
    rows = [(f"N{number}", value, value is None) for number, value in enumerate(values)]
    return pd.DataFrame(rows, columns=["name", "cases", "suppressed"]).astype({"cases": float})


def test_the_largest_is_named_and_the_hidden_are_counted() -> None:
    told = finding_largest(named(3, None, -7), DA, NAMED, "number", ["2026"])
    assert told == "Sager, 2026: størst er N2 med −7 (1 er diskretioneret)"
    low = finding_largest(named(0.5, 0.25), DA, NAMED, "share", lowest=True)
    assert low == "Sager: lavest er N1 med 25 pct."
    assert "0 overalt" in finding_largest(named(0, 0), DA, NAMED, "number")
    assert "diskretioneret" in finding_largest(named(None), DA, NAMED, "number")


def test_a_forecast_that_loses_is_told_to_lose() -> None:
    frame = pd.DataFrame({"wape": [0.1, 0.3], "rule": [0.2, 0.2]})
    told = finding_wins(frame, DA, ("wape", "Fejlen"), ("rule", "Reglens fejl"), "pr. år")
    assert told == "Fejlen, pr. år, er mindre end reglens fejl i 1 af 2 grupper"


def test_every_block_reads_a_table_that_disclosure_control_knows() -> None:
    declared = set(load_rules().declared)
    for block in blocks().values():
        assert block.table in declared or block.economists_only, block.id
        assert set(block.filters) <= set(FILTERS), block.id


@pytest.mark.parametrize("name", sorted(blocks()))
def test_each_block_has_a_sentence_for_every_choice(name: str, frames: Frames) -> None:
    figure = block_figure(blocks()[name], read(frames), DA)
    assert figure.variants
    for key, variant in figure.variants.items():
        assert len(key.split("|")) == max(1, len(figure.filters))
        assert variant["finding"]
        assert "nan" not in variant["finding"].split()
        pool = figure.pools[variant["pool"]]
        last = variant["at"][-1]
        assert 0 < last <= len(pool["rows"])
        assert {len(row) for row in pool["rows"]} == {len(pool["columns"])}


def rows_of(figure: dict, key: str) -> list[dict]:
    variant = figure["variants"][key]
    pool = figure["pools"][variant["pool"]]
    spans = zip(variant["at"][::2], variant["at"][1::2], strict=True)
    picked = [row for start, end in spans for row in pool["rows"][start:end]]
    return [dict(zip(pool["columns"], row, strict=True)) for row in picked]


def test_an_area_keeps_its_types_and_a_sector_its_places(shown: Frames, tmp_path: Path) -> None:
    page = write_cockpit(shown, "da", tmp_path).read_text("utf-8")
    figure = unpacked(page)["figures"]["plan"]
    plan = shown["rpt_order_plan"].query("year == 2026")
    assert len(rows_of(figure, "total:total|2026|total")) == len(plan)
    external = rows_of(figure, "total:total|2026|external")
    assert len(external) == (plan["sector"] == "external").sum()
    outturn = shown["rpt_outturn"].query("level == 'measure_type'")
    home = outturn.drop_duplicates("key").set_index("key")["parent_function"]
    of_function = plan["measure_type"].map(home) == "5.28.22"
    assert len(rows_of(figure, "function:5.28.22|2026|total")) == of_function.sum()


def test_the_page_for_others_lacks_what_is_hidden_and_the_economists_has_it(
    frames: Frames, shown: Frames, tmp_path: Path
) -> None:
    others = unpacked(write_cockpit(shown, "da", tmp_path / "others").read_text("utf-8"))
    full = write_cockpit(frames, "da", tmp_path / "full", edition="economists")
    economists = unpacked(full.read_text("utf-8"))
    key = "placement|Vest"
    hidden = rows_of(others["figures"]["districts"], key)
    assert {row["children"] for row in hidden} == {None}
    assert all(row["suppressed"] for row in hidden)
    assert {row["children"] for row in rows_of(economists["figures"]["districts"], key)} == {3}
    assert "initiatives" not in others["figures"]
    variants = economists["figures"]["initiatives"]["variants"]
    assert variants
    assert all(shown["finding"].endswith(". Sparer") for shown in variants.values())
    text = full.read_text("utf-8")
    assert "må ikke gives videre" in text
    assert "kun i økonomernes udgave" not in text


def test_districts_are_hidden_where_the_number_placed_is(frames: Frames) -> None:
    district = frames["rpt_activity_district_month"]
    few = frames["rpt_placement_month"].assign(children_placed=3)
    hidden = control({"rpt_activity_district_month": district, "rpt_placement_month": few})
    after = hidden["rpt_activity_district_month"]
    assert after.loc[after["category"] == "placement", "suppressed"].all()
    assert not after.loc[after["category"] == "prevention", "suppressed"].any()
    assert control(hidden)["rpt_activity_district_month"].equals(after)
