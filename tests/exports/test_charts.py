"""Charts: what they draw, what they say, and that they render, from full and from empty frames."""

import re
from itertools import pairwise

import pandas as pd
import pytest

from exports import charts
from exports.charts.expenditure import cumulative_rows, fan_rows
from exports.charts.figures import change_parts, persons_at_once
from exports.charts.outturn import bridge_rows, outturn_rows
from exports.disclosure import control
from exports.language import Language
from tests.exports.sample_frames import sample_frames

Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def frames() -> Frames:
    return control(sample_frames())


@pytest.fixture(params=["da", "en"])
def lang(request: pytest.FixtureRequest) -> Language:
    return Language(request.param)


def part(frame: pd.DataFrame, level: str, year: int | None = None) -> pd.DataFrame:
    rows = frame[frame["level"] == level]
    return rows if year is None else rows[rows["year"] == year]


def months_of(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    total = part(frame, "total")
    return total[total["month"].dt.year == year]


def specs(frames: Frames, lang: Language) -> dict[str, charts.Spec]:
    months, outturn = frames["rpt_expenditure_month"], frames["rpt_outturn"]
    placements = frames["rpt_placement_month"]
    return {
        "fan": charts.fan_chart(part(months, "total"), lang),
        "cumulative": charts.cumulative_chart(
            months_of(months, 2026), part(outturn, "total", 2026), lang
        ),
        "outturn": charts.outturn_bars(part(outturn, "function", 2026), lang),
        "bridge": charts.bridge(frames["rpt_change"], lang),
        "activity": charts.activity_lines(frames["rpt_activity_month"], lang),
        "price": charts.price_lines(frames["rpt_activity_year"], lang),
        "placed": charts.placed_line(placements, lang),
        "placement": charts.placement_lines(placements, lang),
    }


def alt_texts(frames: Frames, lang: Language) -> list[str]:
    months, outturn = frames["rpt_expenditure_month"], frames["rpt_outturn"]
    placements = frames["rpt_placement_month"]
    return [
        charts.alt_text_fan(part(months, "total"), lang, "I alt"),
        charts.alt_text_cumulative(part(outturn, "total", 2026), lang, "I alt", 2026),
        charts.alt_text_outturn(part(outturn, "function", 2026), lang),
        charts.alt_text_bridge(frames["rpt_change"], lang),
        charts.alt_text_activity(frames["rpt_activity_month"], lang),
        charts.alt_text_price(frames["rpt_activity_year"], lang),
        charts.alt_text_placed(placements, lang),
        charts.alt_text_placement(placements, lang),
    ]


def emptied(frames: Frames) -> Frames:
    return {name: frame.head(0) for name, frame in frames.items()}


def test_every_chart_renders_from_full_and_from_empty_frames(
    frames: Frames, lang: Language
) -> None:
    for name, spec in specs(frames, lang).items():
        svg = charts.to_svg(spec, lang)
        assert "NaN" not in svg, name
        assert "undefined" not in svg, name
    for name, spec in specs(emptied(frames), lang).items():
        assert charts.to_svg(spec, lang).startswith("<svg"), name


def test_charts_carry_their_language_in_months_and_numbers(frames: Frames) -> None:
    months = months_of(frames["rpt_expenditure_month"], 2026)
    year = part(frames["rpt_outturn"], "total", 2026)
    svgs = {
        code: charts.to_svg(charts.cumulative_chart(months, year, Language(code)), Language(code))
        for code in ("da", "en")
    }
    assert ">maj<" in svgs["da"]
    assert ">May<" in svgs["en"]
    expected = f"{year['mean'].iloc[0] / 1e6:.1f}"
    assert f"Forventet {expected.replace('.', ',')}" in svgs["da"]
    assert f"Expected {expected}" in svgs["en"]


def test_alt_texts_state_numbers_and_empty_frames_say_so(frames: Frames, lang: Language) -> None:
    for text in alt_texts(frames, lang):
        assert re.search(r"\d", text), text
        assert "{" not in text
        assert "nan" not in text.lower().split(), text
    for text in alt_texts(emptied(frames), lang):
        assert text.strip()
        assert "nan" not in text.lower().split(), text


def test_specs_hold_no_colour_of_their_own(frames: Frames, lang: Language) -> None:
    allowed = {tones["light"] for tones in charts.palette().values()}
    for name, spec in specs(frames, lang).items():
        found = set(re.findall(r"#[0-9a-f]{6}\b", str({**spec, "data": None})))
        assert found <= allowed, name
        assert not re.search(r"#[0-9a-f]{6}\b", str(charts.for_screen({**spec, "data": None})))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_palette_keeps_the_contrast_that_wcag_asks_for(theme: str) -> None:
    tones = {name: values[theme] for name, values in charts.palette().items()}
    for ground in (tones["paper"], tones["panel"]):
        texts = ("ink", "muted", "budget", "forecast", "over", "under", "second", "third", "link")
        for text in texts:
            assert contrast(tones[text], ground) >= 4.5, (text, theme)
        assert contrast(tones["neutral"], ground) >= 3, theme


def test_bars_leave_out_suppressed_rows_and_show_the_deviation(frames: Frames) -> None:
    year = part(frames["rpt_outturn"], "function", 2026)
    shown = outturn_rows(year, Language("da"))
    assert year["suppressed"].any()
    assert len(shown) == (~year["suppressed"]).sum()
    open_rows = year[~year["suppressed"]]
    assert sum(row["deviation"] for row in shown) == pytest.approx(open_rows["deviation"].sum())
    assert all(row["low"] <= row["deviation"] <= row["high"] for row in shown)


def test_the_year_added_up_ends_in_the_expected_outturn(frames: Frames) -> None:
    months = months_of(frames["rpt_expenditure_month"], 2026)
    year = part(frames["rpt_outturn"], "total", 2026)
    shown = cumulative_rows(months, year)
    assert len(shown) == 12
    last = shown[-1]
    assert last["expected"] == pytest.approx(year["mean"].iloc[0])
    assert last["low"] == pytest.approx(year["p10"].iloc[0])
    assert last["high"] == pytest.approx(year["p90"].iloc[0])
    assert last["budget"] == pytest.approx(year["adjusted_budget"].iloc[0], abs=1)
    known = [row["actual"] for row in shown if row["actual"] is not None]
    assert len(known) == 10
    assert known[-1] == pytest.approx(months.loc[months["is_complete"], "actual"].sum())
    assert shown[9]["expected"] == pytest.approx(known[-1])


def test_fan_shows_no_forecast_in_the_past_and_no_actual_in_the_future(frames: Frames) -> None:
    shown = fan_rows(part(frames["rpt_expenditure_month"], "total"))
    last = [row["month"] for row in shown if row["is_last"]]
    assert last == ["2026-10-01T00:00:00"]
    for row in shown:
        ahead = row["month"] > last[0]
        assert (row["mean"] is not None) == ahead
        assert (row["actual"] is None) == ahead


def test_bridge_steps_meet_and_add_up_to_the_total(frames: Frames) -> None:
    change = frames["rpt_change"]
    functions = change[change["level"].isin(["total", "function"])]
    shown = bridge_rows(functions, Language("da"))
    total = functions.loc[functions["level"] == "total", "change"].iloc[0]
    assert shown[-1]["is_total"]
    assert shown[-1]["change"] == pytest.approx(total)
    for step, following in pairwise(shown[:-1]):
        assert following["start"] == pytest.approx(step["end"])
    assert shown[-2]["end"] == pytest.approx(total)


def test_bridge_without_a_total_adds_up_its_keys(frames: Frames) -> None:
    change = frames["rpt_change"]
    steps, total = change_parts(change[change["level"] == "function"])
    assert total == pytest.approx(steps["change"].sum())


def test_a_child_who_stays_all_month_counts_as_one_person() -> None:
    months = pd.Series(pd.to_datetime(["2024-02-01", "2026-01-01"]))
    frame = pd.DataFrame({"month": months, "full_year_persons": [29 / 366, 31 / 365]})
    assert persons_at_once(frame, "full_year_persons").tolist() == pytest.approx([1.0, 1.0])


def test_a_finding_names_the_direction() -> None:
    month = pd.date_range("2025-01-01", periods=24, freq="MS")
    base = {"month": month, "actual": [1e6] * 12 + [None] * 12, "is_complete": [True] * 12
            + [False] * 12}  # fmt: skip
    lang = Language("da")
    for after, word in ((1.2e6, "stige"), (0.8e6, "falde"), (1.001e6, "stabilt")):
        frame = pd.DataFrame({**base, "mean": [None] * 12 + [after] * 12})
        assert word in charts.finding_fan(frame, lang, "I alt")


def two_octobers(**persons: tuple[float | None, float | None]) -> pd.DataFrame:
    """Types with full-year persons of a day's worth in October 2025 and 2026; None: hidden."""
    rows = [
        (label, month, None if value is None else value * 31 / 365)
        for label, values in persons.items()
        for month, value in zip(("2025-10-01", "2026-10-01"), values, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["label_da", "month", "full_year_persons"])
    month = pd.to_datetime(table["month"])
    return table.assign(month=month, sector="total", is_complete=True, label_en=table["label_da"])


def test_a_type_that_was_hidden_a_year_before_did_not_grow_from_nothing() -> None:
    lang = Language("da")
    hidden = charts.finding_activity(two_octobers(Pleje=(50, 53), Netværk=(None, 19)), lang)
    assert "53 helårspersoner" in hidden
    assert "3 flere end året før; størst ændring: Pleje (+3)" in hidden
    assert "vist begge år" in hidden
    whole = charts.finding_activity(two_octobers(Pleje=(50, 53), Netværk=(0, 19)), lang)
    assert "72 helårspersoner" in whole
    assert "22 flere end året før; størst ændring: Netværk (+19)" in whole
    assert "vist" not in whole
    only_now = charts.finding_activity(two_octobers(Netværk=(None, 19)), lang)
    assert "flere" not in only_now


def test_few_small_charts_share_the_width(frames: Frames) -> None:
    activity = frames["rpt_activity_month"]
    shown = activity[activity["sector"] == "total"].dropna(subset=["full_year_persons"])
    one = shown[shown["measure_type"] == shown["measure_type"].iloc[0]]
    alone = charts.activity_lines(one, Language("da"), 760)
    many = charts.activity_lines(shown, Language("da"), 760)
    assert (alone["columns"], many["columns"]) == (1, 3)
    assert alone["spec"]["width"] > 2.5 * many["spec"]["width"]


def test_the_mark_of_a_bar_is_drawn_and_not_written(frames: Frames) -> None:
    rows = outturn_rows(part(frames["rpt_outturn"], "function", 2026), Language("da"))
    assert {row["shape"] for row in rows} <= {"triangle-up", "triangle-down", "circle", "stroke"}
    assert {row["status"] for row in rows if row["hollow"]} <= {"risk_over", "risk_under"}
    svg = charts.to_svg(
        charts.outturn_bars(part(frames["rpt_outturn"], "function", 2026), Language("da")),
        Language("da"),
    )
    assert not re.search("[▲△●▽▼]", svg)
