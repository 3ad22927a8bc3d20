"""The pack's chapter of accuracy: what is told of published forecasts, of tries, of nothing."""

from datetime import date
from io import BytesIO

import pandas as pd
import pypdf

from exports.committee import pack_files
from exports.committee.hits import accuracy_chapter
from exports.committee.model import cell
from exports.language import Language
from tests.exports.sample_frames import sample_frames

LANG = Language("da")


def _scores(kind: str, own: float, held: float | None) -> pd.DataFrame:
    """Two classes of months and one of years of the total, and a type that is not told."""
    classes = [("month", "1", 1, 3), ("month", "2-3", 2, 1), ("year", "4-6 known", 3, 1)]
    rows = [
        {
            "kind": kind,
            "span": span,
            "measure": "net_expenditure",
            "level": level,
            "horizon_bin": name,
            "sort_order": order,
            "scored": scored,
            "wape": own * order,
            "wape_last_year": 0.2,
            "wape_last_year_month": 0.3,
            "wape_run_rate": 0.08,
            "wape_profile": 0.1,
            "wape_committed": 0.05 if span == "year" else None,
            "coverage_80": held,
        }
        for level in ("total", "measure_type")
        for span, name, order, scored in classes
    ]
    return pd.DataFrame(rows)


def _said(accuracy: pd.DataFrame | None) -> str:
    return " ".join(accuracy_chapter(accuracy, LANG).paragraphs)


def test_error_and_hits_stand_beside_the_rules_of_thumb() -> None:
    # Three forecasts off by 4 %, one by 8 %: 5 % in the mean.
    chapter = accuracy_chapter(_scores("published", 0.04, 0.75), LANG)
    said = " ".join(chapter.paragraphs)
    assert "5,0 pct. ved siden af" in said
    assert "forbruget hidtil i året, ramte 8,0 pct." in said
    assert "i 75 pct. af 4 måneder" in said
    table = chapter.tables[0]
    first, last = table.rows[0], table.rows[-1]
    written = [cell(column, first, LANG) for column in table.columns]
    assert written[:3] == ["Måned, 1 mdr. frem", "3", "4,0 pct."]
    assert cell(table.columns[0], last, LANG) == "Året, 4–6 mdr. kendt"
    assert len(table.rows) == 3


def test_a_forecast_that_is_worse_says_so() -> None:
    assert "dårligere end tommelfingerreglen" in _said(_scores("published", 0.4, 0.5))
    assert "dårligere" not in _said(_scores("published", 0.04, 0.5))


def test_tries_are_told_until_a_published_forecast_has_been_scored() -> None:
    tried = _scores("backtest", 0.04, None)
    assert "endnu ikke kommet en hel måned" in _said(tried)
    assert "80 pct. intervallet" not in _said(tried)
    both = pd.concat([_scores("published", 0.04, 0.75), tried.assign(coverage_80=0.5)])
    assert "endnu ikke" not in _said(both)
    assert len(accuracy_chapter(both, LANG).tables[0].rows) == 3


def test_without_scores_there_is_no_chapter() -> None:
    assert not accuracy_chapter(None, LANG).tables
    pack = pack_files(sample_frames(), date(2026, 12, 9), "da", None, {})
    assert "Sådan har prognosen ramt" not in pack["rapport.html"].decode()


def test_the_chapter_is_in_every_form_of_the_pack() -> None:
    frames = sample_frames() | {"rpt_forecast_accuracy": _scores("published", 0.04, 0.75)}
    files = pack_files(frames, date(2026, 12, 9), "da", None, {})
    pages = pypdf.PdfReader(BytesIO(files["rapport.pdf"])).pages
    assert any("Sådan har prognosen ramt" in page.extract_text() for page in pages)
    assert "Sådan har prognosen ramt" in files["rapport.html"].decode()
    assert "accuracy" in files["tal.csv"].decode()
