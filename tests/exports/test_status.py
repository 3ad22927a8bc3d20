"""One rule for the status word: what it says, and that every reader is told the same."""

from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.charts.outturn import outturn_rows
from exports.cockpit import write_cockpit
from exports.cockpit.tables import outturn_table as cockpit_table
from exports.cockpit.tiles import summaries
from exports.committee import pack_files
from exports.committee.tables import outturn_table as pack_table
from exports.disclosure import control
from exports.language import Language
from exports.status import MARKS, status_note, status_of, status_text, status_word, thresholds
from tests.exports.sample_frames import sample_frames
from tests.exports.statuses import in_cockpit, in_pack

YEAR = 2026
AS_OF = date(2026, 10, 31)
MEETING = date(2026, 12, 9)


def row(
    low: float, high: float, odds: float | None, budget: float | None = 100.0
) -> dict[str, Any]:
    mean = (low + high) / 2
    return {
        "adjusted_budget": budget,
        "deviation": None if budget is None else mean - budget,
        "p10": low,
        "p90": high,
        "probability_over_budget": odds,
        "suppressed": False,
    }


@pytest.mark.parametrize(
    ("low", "high", "odds", "status"),
    [
        (100.1, 110.0, 0.95, "over"),
        (90.0, 99.9, 0.05, "under"),
        (99.0, 101.5, 0.5, "on"),
        (99.0, 101.5, 0.65, "risk_over"),
        (98.5, 101.0, 0.35, "risk_under"),
        # The expected outturn lies on the other side than most futures.
        (99.0, 101.5, 0.35, "on"),
        (95.0, 107.0, 0.35, "undecided"),
        (93.0, 105.0, 0.65, "undecided"),
        (95.0, 106.0, 0.5, "undecided"),
        (98.0, 110.0, 0.8, "risk_over"),
        (90.0, 102.0, 0.2, "risk_under"),
        (99.0, 102.1, 0.5, "undecided"),
        (99.0, 101.0, None, "on"),
        # A year that is over has one outturn and no odds of another.
        (100.0, 100.0, 0.0, "on"),
        (101.0, 101.0, 1.0, "over"),
    ],
)
def test_the_interval_decides_then_the_odds_then_how_close_it_is(
    low: float, high: float, odds: float | None, status: str
) -> None:
    assert status_of(row(low, high, odds)) == status


def test_what_is_missing_is_not_told_as_a_finding() -> None:
    assert status_of(row(99, 101, 0.5, budget=None)) == "no_budget"
    assert status_of(row(99, 101, 0.5) | {"deviation": None}) == "no_forecast"
    assert status_of(row(99, 101, 0.5) | {"p10": None, "p90": None}) == "undecided"
    assert status_of(row(101, 109, 0.9) | {"suppressed": True}) == "suppressed"


amounts = st.floats(-1e9, 1e9, allow_nan=False)


@given(budget=amounts, low=amounts, width=st.floats(0, 1e8), odds=st.floats(0, 1))
def test_a_side_is_sure_only_where_the_whole_interval_lies_there(
    budget: float, low: float, width: float, odds: float
) -> None:
    high = low + width
    status = status_of(row(low, high, odds, budget))
    assert (status == "over") == (low > budget)
    assert (status == "under") == (high < budget)
    if status == "on":
        margin = thresholds()["within_share"] * abs(budget)
        assert max(high - budget, budget - low) <= margin


@given(low=st.floats(50, 150), width=st.floats(0.1, 50), odds=st.floats(0, 1))
def test_over_and_under_are_told_alike(low: float, width: float, odds: float) -> None:
    """Neither more nor less than the budget: what mirrors a row mirrors its status."""
    mirrored = {"over": "under", "risk_over": "risk_under"}
    mirrored |= {value: key for key, value in mirrored.items()}
    here = status_of(row(low, low + width, odds))
    there = status_of(row(200 - low - width, 200 - low, 1 - odds))
    risk = thresholds()["risk_from"]
    if min(abs(odds - risk), abs(odds - (1 - risk))) > 1e-9 and _off_the_edges(low, width):
        assert there == mirrored.get(here, here)


def _off_the_edges(low: float, width: float) -> bool:
    edges = (98.0, 100.0, 102.0)
    return all(abs(value - edge) > 1e-9 for value in (low, low + width) for edge in edges)


def grid() -> pd.DataFrame:
    """rpt_outturn rows of every kind: intervals about several budgets, odds, what is missing."""
    rows = []
    budgets = (0.0, 4e6, 250e6)
    ends = ((-0.1, -0.01), (-0.1, 0.0), (-0.02, 0.02), (-0.01, 0.05), (0.0, 0.0), (0.01, 0.1))
    for number, (budget, (low, high), odds) in enumerate(
        product(budgets, ends, (0.02, 0.35, 0.5, 0.65, 0.97, None))
    ):
        scale = budget or 1e6
        p10, p90 = budget + low * scale, budget + high * scale
        mean = (p10 + p90) / 2
        numbers = {"adjusted_budget": budget, "mean": mean, "p10": p10, "p90": p90,
                   "deviation": mean - budget, "probability_over_budget": odds}  # fmt: skip
        missing = {1: "adjusted_budget", 2: "mean", 3: "p10"}.get(number % 12)
        if missing:
            numbers[missing] = None
            numbers |= {} if missing == "p10" else {"deviation": None}
        hidden = number % 11 == 5
        if hidden:
            numbers |= dict.fromkeys([*numbers][1:])
        rows.append({"year": YEAR, "level": "function", "key": f"f{number}", "suppressed": hidden,
                     "label_da": f"Funktion {number}", "label_en": f"Function {number}",
                     "sort_order": number, "original_budget": budget, "floor_amount": None,
                     "open_amount": None,
                     "actual_to_date": None if hidden else mean / 2, **numbers})  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize("code", ["da", "en"])
def test_every_reader_gives_the_same_word(code: str) -> None:
    lang, frame = Language(code), grid()
    said = {one["key"]: status_text(status_of(one), lang) for one in frame.to_dict("records")}
    assert set(said.values()) == {status_text(status, lang) for status in MARKS}
    pack = {one.key: one.values["status"] for one in pack_table(frame, YEAR, "function", lang).rows}
    assert pack == said
    table = cockpit_table(frame, lang, "t", "t")
    assert [line[-1].text.replace("\xa0", " ") for line in table.rows] == list(said.values())
    tiles = summaries(frame, AS_OF, lang)
    noted = {key: tiles[f"{YEAR}|function:{key}"]["tiles"][3]["note"] for key in said}
    hidden = set(frame.loc[frame["suppressed"], "key"])
    assert noted == {key: "" if key in hidden else word for key, word in said.items()}
    charted = {one["name"]: one["status"] for one in outturn_rows(frame, lang)}
    names = frame.set_index("key")[lang.column("label")]
    assert charted
    for key, word in said.items():
        if names[key] in charted:
            assert status_text(charted[names[key]], lang) == word


def test_cockpit_and_pack_agree_row_by_row(tmp_path: Path) -> None:
    frames = control(sample_frames())
    pack = in_pack(pack_files(frames, MEETING, "da", None, {})["tal.csv"].decode("utf-8"))
    cockpit = in_cockpit(write_cockpit(frames, "da", tmp_path).read_text("utf-8"), YEAR)
    assert pack == cockpit
    assert len(pack) > 10
    assert len(set(pack.values())) > 2


@pytest.mark.parametrize("code", ["da", "en"])
def test_the_note_tells_every_mark_and_the_thresholds(code: str) -> None:
    lang = Language(code)
    note = status_note(lang)
    assert all(mark in note for mark in MARKS.values())
    for share in thresholds().values():
        assert lang.percent(share) in note


@pytest.mark.parametrize("name", ["powerbi/pages.yml", "powerbi/star.yml", "metabase/content.yml"])
def test_reports_that_show_numbers_have_no_status_word_of_their_own(name: str) -> None:
    text = (Path(__file__).parents[2] / "exports" / name).read_text("utf-8")
    for status in ("risk_over", "risk_under", "on", "undecided"):
        assert status_word(status, Language("da")) not in text
