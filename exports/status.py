"""What a deviation from the budget is called: one rule for everything that leaves the house.

Belongs here: the status of an outturn row, its thresholds as data (`status.yml`) and its mark. Not
here: how the status is written (`status.` of the catalogue) or coloured (page and chart).
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import yaml

from exports.language import Language

Status = Literal[
    "over",
    "risk_over",
    "on",
    "risk_under",
    "under",
    "undecided",
    "no_budget",
    "no_forecast",
    "suppressed",
]

# A mark beside the word, so that the status is never told by colour alone: filled where the
# forecast is sure of the side, hollow where it is likely.
MARKS: Mapping[str, str] = {
    "over": "▲",
    "risk_over": "△",
    "on": "●",
    "risk_under": "▽",
    "under": "▼",
    "undecided": "–",
    "no_budget": "",
    "no_forecast": "",
    "suppressed": "",
}


@cache
def thresholds() -> dict[str, float]:
    """The thresholds of `status.yml`, as shares of 1."""
    text = Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def status_of(row: Mapping[Any, Any]) -> Status:
    """The status of one `rpt_outturn` row.

    Over or under only when the whole 80 per cent interval lies on that side of the budget, so that
    noise never shows as a finding. Where the interval holds the budget, the odds tell a risk of
    either, unless the expected outturn lies on the other side (skewed futures): a word must not
    contradict the number beside it. On budget takes an interval close around the budget, since a
    wide one holds a large overspend too. A deviation without an interval cannot be told from none.
    """
    if row.get("suppressed"):
        return "suppressed"
    if pd.isna(row["adjusted_budget"]):
        return "no_budget"
    if pd.isna(row["deviation"]):
        return "no_forecast"
    if pd.isna(row["p10"]) or pd.isna(row["p90"]):
        return "undecided"
    budget, low, high = (float(row[name]) for name in ("adjusted_budget", "p10", "p90"))
    return _decided(budget, low, high, float(row["deviation"]), row["probability_over_budget"])


def _decided(budget: float, low: float, high: float, deviation: float, odds: Any) -> Status:
    if low > budget:
        return "over"
    if high < budget:
        return "under"
    # A closed year ends on its budget or it does not; it has no odds.
    if low < high and not pd.isna(odds):
        risk = thresholds()["risk_from"]
        if float(odds) >= risk and deviation >= 0:
            return "risk_over"
        if float(odds) <= 1 - risk and deviation <= 0:
            return "risk_under"
    margin = thresholds()["within_share"] * abs(budget)
    return "on" if max(high - budget, budget - low) <= margin else "undecided"


def status_word(status: str, lang: Language) -> str:
    """The status in words: Merforbrug."""
    return lang.text(f"status.{status}")


def status_text(status: str, lang: Language) -> str:
    """The status with its mark: ▲ Merforbrug."""
    return f"{MARKS[status]} {status_word(status, lang)}".strip()


def status_note(lang: Language) -> str:
    """What each mark means, with the thresholds: the note under every list of statuses."""
    limits = thresholds()
    return lang.text(
        "status.note",
        odds=lang.percent(limits["risk_from"]),
        share=lang.percent(limits["within_share"]),
    )
