"""The cockpit page as a file: safe, self-contained, complete, and sensible without data."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from exports.cockpit import unpacked, write_cockpit
from exports.disclosure import control
from exports.language import Language
from tests.exports.sample_frames import sample_frames

Frames = dict[str, pd.DataFrame]
SIZE_LIMIT = 2_000_000
VOID = {"meta", "link", "br", "option"}


class Page(HTMLParser):
    """Tags and text of a page; complains when elements are closed in the wrong order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words.append(" ".join(data.split()))

    @property
    def text(self) -> str:
        return " ".join(word for word in self.words if word)

    def ids(self) -> list[str]:
        return [attrs["id"] or "" for _, attrs in self.tags if "id" in attrs]


@pytest.fixture(scope="module")
def frames() -> Frames:
    return control(sample_frames())


@pytest.fixture(scope="module")
def html(frames: Frames, tmp_path_factory: pytest.TempPathFactory) -> str:
    made = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    return write_cockpit(frames, "da", tmp_path_factory.mktemp("page"), made).read_text("utf-8")


def written(frames: Frames, folder: Path, language: str = "da") -> str:
    return write_cockpit(frames, language, folder).read_text("utf-8")


def without_scripts(html: str) -> str:
    return re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)


def test_page_is_one_small_file_that_asks_for_nothing(html: str) -> None:
    assert len(html.encode()) < SIZE_LIMIT
    for tag, attrs in Page(html).tags:
        for name in ("src", "srcset", "poster", "data", "action"):
            assert name not in attrs, (tag, name)
        if tag == "a":
            assert (attrs["href"] or "").startswith("#")
        if tag == "link":
            assert attrs["href"] == "data:,"
    assert "@import" not in html
    assert "url(" not in without_scripts(html)


def test_page_is_danish_with_landmarks_and_unique_ids(html: str) -> None:
    page = Page(html)
    assert page.open == []
    assert ("html", {"lang": "da"}) in page.tags
    assert [tag for tag, _ in page.tags].count("h1") == 1
    for landmark in ("header", "nav", "main", "footer"):
        assert any(tag == landmark for tag, _ in page.tags), landmark
    ids = page.ids()
    assert len(ids) == len(set(ids))
    referred = {attrs["aria-labelledby"] for _, attrs in page.tags if "aria-labelledby" in attrs}
    assert referred <= set(ids)


def test_header_and_tiles_show_the_run_and_its_numbers(html: str, frames: Frames) -> None:
    lang = Language("da")
    text = Page(html).text
    total = frames["rpt_outturn"].query("level == 'total' and year == 2026").iloc[0]
    assert "Eksempel Kommune" in text
    assert "31. oktober 2026" in text
    assert "20261031-a1b2c3d4" in text
    for amount in ("adjusted_budget", "actual_to_date", "mean"):
        assert lang.amount(total[amount]) in text
    assert lang.odds(total["probability_over_budget"]) in text
    assert "merforbrug" in text
    assert 'datetime="2026-11-01T03:12:00+00:00"' in html
    assert "1. november 2026 kl. 04.12" in text


def test_every_open_number_of_the_outturn_is_in_the_table(html: str, frames: Frames) -> None:
    values = set(re.findall(r'data-v="(-?[\d.]+)"', html))
    rows = frames["rpt_outturn"].query("level == 'function' and year == 2026 and not suppressed")
    assert len(rows) > 3
    for mean in rows["mean"]:
        plain = round(float(mean), 2)
        assert (str(int(plain)) if plain == int(plain) else str(plain)) in values


def test_what_is_not_booked_yet_has_a_column_in_the_years_that_have_any(
    html: str, frames: Frames, tmp_path: Path
) -> None:
    heading = "Endnu ikke bogført af hele måneder, mio. kr."
    assert heading not in html
    outturn = frames["rpt_outturn"].copy()
    outturn["open_amount"] = (outturn["actual_to_date"] * 0.01).where(outturn["year"] == 2026)
    page = without_scripts(written({**frames, "rpt_outturn": outturn}, tmp_path))
    assert page.count(f">{heading}<") == 2
    [total] = outturn.query("level == 'total' and year == 2026")["open_amount"]
    lang = Language("da")
    assert f">{lang.millions(total, 2)}<" in page
    assert f"heraf {lang.amount(total, 2)} endnu ikke bogført" in page


def test_suppressed_cells_are_named_and_never_zero(html: str, frames: Frames) -> None:
    hidden = frames["rpt_outturn"].query("level == 'function' and year == 2026 and suppressed")
    assert len(hidden)
    for label in hidden["label_da"]:
        row = re.search(rf'<th scope="row">{re.escape(label)}</th>(.*?)</tr>', html, re.DOTALL)
        assert row
        assert row[1].count(">diskr.<") == 7
        assert "Diskretioneret" in row[1]
        assert ">0,00<" not in row[1]
    summaries = unpacked(html)["summaries"]
    for key in hidden["key"]:
        shown = summaries[f"2026|function:{key}"]
        assert "diskretioneret" in shown["headline"]
        assert [tile["value"] for tile in shown["tiles"]][1:] == ["diskretioneret"] * 4
        assert unpacked(html)["figures"]["fan"]["variants"][f"function:{key}"]["empty"]


def test_model_has_a_variant_for_every_choice_of_the_filters(html: str, frames: Frames) -> None:
    figures = unpacked(html)["figures"]
    outturn = frames["rpt_outturn"]
    areas = {f"{row.level}:{row.key}" for row in outturn.itertuples()}
    assert set(figures["fan"]["variants"]) == areas
    assert len(figures["cumulative"]["variants"]) == len(outturn)
    assert set(figures["outturn_function"]["variants"]) == {"2024", "2025", "2026", "2027"}
    kinds = {key.split("|")[0] for key in figures["activity"]["variants"]}
    assert kinds == {"placement", "prevention", "support"}


def test_text_from_data_cannot_break_out(frames: Frames, tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script><b title=\"'&"
    outturn = frames["rpt_outturn"].copy()
    outturn.loc[outturn["key"] == "5.28.22", ["label_da", "label_en"]] = evil
    run = frames["rpt_run"].assign(municipality_name=evil)
    load = frames["rpt_load"].assign(file=evil)
    html = written({**frames, "rpt_outturn": outturn, "rpt_run": run, "rpt_load": load}, tmp_path)
    page = Page(html)
    assert page.open == []
    assert [tag for tag, _ in page.tags].count("script") == 3
    assert not any(tag == "b" for tag, _ in page.tags)
    assert evil in unpacked(html)["summaries"]["2026|function:5.28.22"]["headline"]


def test_page_without_any_data_says_so(frames: Frames, tmp_path: Path) -> None:
    html = written({"rpt_run": frames["rpt_run"]}, tmp_path)
    text = Page(html).text
    for sentence in (
        "Der er intet budget eller forventet regnskab",
        "Der er ingen tidligere kørsel at sammenligne med",
        "sagsdata er ikke indlæst",
        "Ingen filer er indlæst",
        "Der er ikke fundet fejl i data",
    ):
        assert sentence in text
    assert not re.search(r"\b(nan|NaT|None)\b", text)


@pytest.mark.parametrize("language", ["da", "en"])
def test_page_without_budget_or_cases_or_change(language: str, tmp_path: Path) -> None:
    frames = control(sample_frames())
    outturn = frames["rpt_outturn"].copy()
    budget = ["original_budget", "adjusted_budget", "deviation", "probability_over_budget"]
    outturn[budget] = None
    months = frames["rpt_expenditure_month"].assign(budget_month=None)
    kept = {"rpt_run": frames["rpt_run"], "rpt_outturn": outturn, "rpt_expenditure_month": months}
    html = written(kept, tmp_path, language)
    headline = unpacked(html)["summaries"]["2026|total:total"]["headline"]
    assert ("intet budget" if language == "da" else "no budget") in headline
    assert not re.search(r"\b(nan|NaT|None)\b", Page(html).text)


def test_page_without_forecast_shows_what_is_known(frames: Frames, tmp_path: Path) -> None:
    columns = ["mean", "p05", "p10", "p25", "p50", "p75", "p90", "p95"]
    months = frames["rpt_expenditure_month"].copy()
    months[columns] = None
    outturn = frames["rpt_outturn"].copy()
    outturn[["mean", "p10", "p50", "p90", "deviation", "probability_over_budget"]] = None
    html = written({**frames, "rpt_outturn": outturn, "rpt_expenditure_month": months}, tmp_path)
    fan = unpacked(html)["figures"]["fan"]["variants"]["total:total"]
    assert not fan["empty"]
    assert "ingen prognose" in fan["finding"]
    assert "intet forventet regnskab" in Page(html).text


def test_decimals_from_the_warehouse_give_the_same_page(frames: Frames, tmp_path: Path) -> None:
    money = ["adjusted_budget", "actual_to_date", "mean", "p10", "p90", "deviation"]
    outturn = frames["rpt_outturn"].copy()
    for column in money:
        cells = [None if pd.isna(x) else Decimal(f"{x:.2f}") for x in outturn[column]]
        outturn[column] = pd.Series(cells, dtype=object, index=outturn.index)
    assert written({**frames, "rpt_outturn": outturn}, tmp_path / "a") == written(
        frames, tmp_path / "b"
    )


def test_run_without_a_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rpt_run"):
        write_cockpit({}, "da", tmp_path)


def test_a_page_says_once_that_there_is_no_earlier_run(frames: Frames, tmp_path: Path) -> None:
    first = {**frames, "rpt_change": frames["rpt_change"].head(0)}
    page = without_scripts(written(first, tmp_path))
    visible = re.sub(r'aria-label="[^"]*"', "", page)
    assert visible.count(Language("da").text("charts.bridge.none")) == 1
