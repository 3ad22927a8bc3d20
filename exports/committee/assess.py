"""What a deviation is called: over, risk, on, under.

Belongs here: the one rule that gives an outturn row its status, with its thresholds as data
(`rules.yml`). Not here: how the status is written (the catalogue) or coloured (the templates).
"""

from collections.abc import Mapping
from typing import Any, Literal

from exports.committee.model import is_missing
from exports.committee.rules import committee_rules

Status = Literal["over", "risk", "on", "under", "no_budget", "no_forecast", "suppressed"]

# A mark beside the word, so that the status is never told by colour alone.
SYMBOLS: Mapping[Status, str] = {
    "over": "▲",
    "risk": "◆",
    "on": "●",
    "under": "▼",
    "no_budget": "",
    "no_forecast": "",
    "suppressed": "",
}


def status_of(row: Mapping[str, Any]) -> Status:
    """The status of one `rpt_outturn` row.

    Over or under only when the whole 80 per cent interval lies on that side of the budget, so that
    noise never shows as a finding; without an interval the sign of the deviation decides.
    """
    if row.get("suppressed"):
        return "suppressed"
    if is_missing(row.get("adjusted_budget")):
        return "no_budget"
    if is_missing(row.get("deviation")):
        return "no_forecast"
    budget, deviation = float(row["adjusted_budget"]), float(row["deviation"])
    if is_missing(row.get("p10")) or is_missing(row.get("p90")):
        return "on" if deviation == 0 else "over" if deviation > 0 else "under"
    if float(row["p10"]) > budget:
        return "over"
    if float(row["p90"]) < budget:
        return "under"
    odds = row.get("probability_over_budget")
    risky = not is_missing(odds) and float(odds or 0) >= committee_rules()["risk_from"]
    return "risk" if risky else "on"
