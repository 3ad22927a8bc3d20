"""The voice of every export: catalogues that are whole, numbers as Danes and Britons write them."""

import re
import string
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.language import LANGUAGES, CatalogueError, Language, load_catalogue

DA, EN = Language("da"), Language("en")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(load_catalogue()))
def test_every_entry_says_the_same_in_both_languages(key: str) -> None:
    entry = load_catalogue()[key]
    assert set(entry) == set(LANGUAGES)
    assert all(text.strip() for text in entry.values())
    assert len({frozenset(placeholders(text)) for text in entry.values()}) == 1


def test_a_missing_key_or_value_is_named() -> None:
    with pytest.raises(KeyError, match=r"no\.such\.key"):
        DA.text("no.such.key")
    with pytest.raises(KeyError, match="amount"):
        DA.text("deviation.over")
    with pytest.raises(ValueError, match="sv"):
        Language("sv")


def test_a_measure_is_named_by_the_semantic_layer_alone() -> None:
    catalogue = load_catalogue()
    names = {entry["da"] for key, entry in catalogue.items() if key.startswith("measure.")}
    for key, entry in catalogue.items():
        assert key.startswith("measure.") or entry["da"] not in names, key


def test_an_entry_without_a_language_is_refused(tmp_path: Path) -> None:
    (tmp_path / "half.yml").write_text("greeting: {da: Hej}", encoding="utf-8")
    with pytest.raises(CatalogueError, match="greeting"):
        load_catalogue(tmp_path)


def test_a_key_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("a.yml", "b.yml"):
        (tmp_path / name).write_text("greeting: {da: Hej, en: Hello}", encoding="utf-8")
    with pytest.raises(CatalogueError, match="greeting"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (DA.amount(138_400_000), "138,4 mio. kr."),
        (EN.amount(138_400_000), "DKK 138.4m"),
        (DA.kroner(1234567), "1.234.567 kr."),
        (DA.number(1234.55, 1), "1.234,6"),
        (DA.number(2.5), "3"),
        (DA.percent(0.853), "85 pct."),
        (DA.date(date(2026, 10, 31)), "31. oktober 2026"),
        (EN.date(pd.Timestamp("2026-10-31")), "31 October 2026"),
        (DA.month("2026-10-01"), "oktober 2026"),
        (DA.short_month(date(2026, 10, 1)), "okt. 2026"),
        (DA.odds(0.85), "meget sandsynligt (ca. 85 pct.)"),
        (DA.odds(0.99), "meget sandsynligt (over 95 pct.)"),
        (DA.odds(0.02), "meget usandsynligt (under 5 pct.)"),
        (DA.odds(0.5), "omtrent lige så sandsynligt som ikke (ca. 50 pct.)"),
        (DA.odds(None), "ikke beregnet"),
        (DA.deviation(2.3e6), "merforbrug på 2,3 mio. kr."),
        (DA.deviation(-2.3e6), "mindreforbrug på 2,3 mio. kr."),
        (DA.deviation(-40_000), "regnskab i balance"),
        (DA.signed(DA.millions, 1.24e6), "+1,2"),
        (DA.signed(DA.millions, -1.24e6), "−1,2"),
        (DA.signed(DA.millions, -40_000), "0,0"),
        (DA.text("committee.method.gaps")[-1], "."),
    ],
)
def test_values_are_written_as_people_write_them(written: str, expected: str) -> None:
    assert written == expected


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NaT, pd.NA])
def test_what_is_missing_is_a_dash(missing: object) -> None:
    lang = DA
    dash = lang.text("format.missing")
    writers = (lang.number, lang.amount, lang.kroner, lang.percent, lang.date, lang.month)
    assert {write(missing) for write in writers} == {dash}


def test_an_abbreviation_ends_the_sentence_with_one_stop() -> None:
    said = DA.text("committee.tile.expected_note", low="1", high="2")
    assert ".." not in said
    sentence = DA.text("committee.change.up", amount=DA.amount(1e6), before="31. maj 2026")
    assert "mio. kr. siden" in sentence
    assert DA.text("committee.figure.total") == "Den samlede udgift"
    assert DA.text("committee.lead.interval", low="1,0", high=DA.amount(2e6)).endswith("kr.")


@given(st.floats(-1e12, 1e12), st.integers(0, 3))
def test_a_written_number_reads_back(value: float, decimals: int) -> None:
    written = DA.number(value, decimals)
    assert re.fullmatch(r"−?\d{1,3}(\.\d{3})*(,\d+)?", written)
    back = float(written.replace(".", "").replace(",", ".").replace("−", "-"))
    assert back == pytest.approx(value, abs=0.5 * 10**-decimals + 1e-3)
    assert written.strip("−0,") or "−" not in written


@given(st.floats(0, 1))
def test_odds_always_have_words(probability: float) -> None:
    assert "pct." in DA.odds(probability)
    assert "%" in EN.odds(probability)
