"""Profiles: found by name, a municipality's own first, and refused with a reason."""

from pathlib import Path

import pytest

from orchestration.intake.contract import entities
from orchestration.intake.profiles import (
    Profile,
    ProfileError,
    canonical,
    find_profile,
    profile_names,
)

OWN = """
profile: sensum
title: Our own
feed: cases
entities: {children: {files: [a.csv], columns: {cpr: {names: [CPR]}}}}
"""


def test_every_profile_of_the_product_is_valid() -> None:
    assert {"canonical", "council_spending", "prisme", "sensum"} <= set(profile_names())
    for name in profile_names():
        if name != "canonical":
            assert find_profile(name, None).profile == name


def test_canonical_is_the_identity() -> None:
    names = [*canonical("cases").entities, *canonical("finance").entities]
    assert names == list(entities())


def test_the_municipalitys_own_profile_comes_first(tmp_path: Path) -> None:
    (tmp_path / "sensum.yml").write_text(OWN, "utf-8")
    assert find_profile("sensum", "cases", tmp_path).title == "Our own"
    assert find_profile("prisme", "finance", tmp_path).title.startswith("Fujitsu")


@pytest.mark.parametrize(
    ("name", "feed", "why"),
    [
        (
            "sensumm",
            "cases",
            "known are canonical, council_spending, dubu, .* beside raaderum.toml",
        ),
        ("sensum", "finance", "is for cases, not for finance"),
        ("canonical", None, "must say feed"),
    ],
)
def test_a_profile_that_cannot_be_used(name: str, feed: str | None, why: str) -> None:
    with pytest.raises(ProfileError, match=why):
        find_profile(name, feed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("children:", "kids:", "kids is not in the contract"),
        ("cpr:", "number:", "no such column"),
        ("feed: cases", "feed: cases\nspeed: high", "speed"),
        ("feed: cases", "feed: [", "not valid"),
    ],
)
def test_an_invalid_profile_says_what_is_wrong(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    (tmp_path / "ours.yml").write_text(OWN.replace(old, new), "utf-8")
    with pytest.raises(ProfileError, match=why):
        find_profile("ours", None, tmp_path)


@pytest.mark.parametrize(
    ("column", "said", "why"),
    [
        ("sex", {"sign": {"names": ["D/K"]}}, "sex is no amount"),
        ("sex", {"number": {}}, "sex is no number"),
        ("sex", {"open_end_age": 18}, "no date of a person"),
    ],
)
def test_what_a_column_says_fits_its_type(column: str, said: dict[str, object], why: str) -> None:
    columns = {"cpr": {"names": ["CPR"]}, column: {"names": ["X"], **said}}
    with pytest.raises(ValueError, match=why):
        Profile.model_validate(
            {
                "profile": "ours",
                "title": "Ours",
                "feed": "cases",
                "entities": {"children": {"files": ["a.csv"], "columns": columns}},
            }
        )


@pytest.mark.parametrize(("format_", "read"), [("auto", False), ("excel", False), ("csv", True)])
def test_a_decimal_mark_of_ones_own_is_for_text_alone(format_: str, read: bool) -> None:
    """In a workbook 1.234 would be written 1,234 and then read as 1234."""
    names = ("posting_id", "posting_date", "year", "account", "amount")
    columns: dict[str, dict[str, object]] = {name: {"names": [name]} for name in names}
    columns["amount"]["number"] = {"decimal": ".", "thousands": ","}
    said = {
        "profile": "ours",
        "title": "Ours",
        "feed": "finance",
        "form": {"format": format_, "number": {"decimal": ","}},
        "entities": {"postings": {"files": ["a.*"], "columns": columns}},
    }
    if read:
        assert Profile.model_validate(said).form.format == format_
    else:
        with pytest.raises(ValueError, match="one decimal mark"):
            Profile.model_validate(said)
