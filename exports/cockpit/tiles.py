"""The numbers at the top of the cockpit, worded for every year and area.

Belongs here: five tiles and the sentence over them, from one row of `rpt_outturn`.
Not here: charts and tables.
"""

from typing import Any

import pandas as pd

from exports.charts import with_status
from exports.charts.figures import interval, known, money
from exports.charts.findings import deviation
from exports.language import Language
from exports.status import status_text

Tile = dict[str, str]


def summaries(outturn: pd.DataFrame, as_of: Any, lang: Language) -> dict[str, dict[str, Any]]:
    """Per "year|level:key": headline and tiles, for every row of rpt_outturn."""
    result = {}
    for row in with_status(outturn).to_dict(orient="records"):
        place = f"{row['year']}|{row['level']}:{row['key']}"
        result[place] = {"headline": headline(row, lang), "tiles": tiles(row, as_of, lang)}
    return result


def headline(row: dict[Any, Any], lang: Language) -> str:
    """One sentence: expected outturn, deviation and odds in words."""
    values = {"label": row[lang.column("label")], "year": row["year"]}
    if bool(row["suppressed"]):
        return lang.text("cockpit.headline.hidden", **values)
    if not known(row["mean"]):
        return lang.text("cockpit.headline.none", **values)
    values["mean"] = money(lang, row["mean"])
    if not known(row["deviation"]):
        return lang.text("cockpit.headline.no_budget", **values)
    values["deviation"] = deviation(lang, row["deviation"])
    if _closed(row):
        return lang.text("cockpit.headline.closed", **values)
    if not known(row["probability_over_budget"]):
        return lang.text("cockpit.headline.no_odds", **values)
    values["odds"] = lang.odds(row["probability_over_budget"])
    return lang.text("cockpit.headline.open", **values)


def tiles(row: dict[Any, Any], as_of: Any, lang: Language) -> list[Tile]:
    """Budget, actual, expected outturn, deviation and odds: label, value, note and tone."""
    hidden = lang.text("cockpit.hidden") if bool(row["suppressed"]) else None

    def amount(name: str) -> str:
        return hidden if hidden and not known(row[name]) else money(lang, row[name])

    budget = amount("adjusted_budget")
    status = str(row["status"])
    words = "" if hidden else status_text(status, lang)
    original = money(lang, row["original_budget"])
    shown = [
        ("adjusted_budget", budget, lang.text("cockpit.tile.original", amount=original), ""),
        ("actual_to_date", amount("actual_to_date"), _rate(row, as_of, lang), ""),
        ("expected_outturn", amount("mean"), _interval(row, lang), ""),
        ("deviation", _deviation(row, hidden, lang), words, status),
        (
            "probability_over_budget",
            hidden or _odds(row, lang),
            "" if hidden else _odds_note(row, lang),
            "",
        ),
    ]
    return [
        {"label": lang.text(f"measure.{name}"), "value": value, "note": note, "tone": tone}
        for name, value, note, tone in shown
    ]


def _closed(row: dict[Any, Any]) -> bool:
    return known(row["p10"]) and known(row["p90"]) and float(row["p10"]) == float(row["p90"])


def _rate(row: dict[Any, Any], as_of: Any, lang: Language) -> str:
    """The consumption rate beside the share of the year that has gone."""
    budget, actual = row["adjusted_budget"], row["actual_to_date"]
    if not (known(budget) and known(actual) and float(budget)):
        return ""
    day = pd.Timestamp(as_of)
    start, end = pd.Timestamp(int(row["year"]), 1, 1), pd.Timestamp(int(row["year"]) + 1, 1, 1)
    gone = min(max(((day - start).days + 1) / (end - start).days, 0.0), 1.0)
    share = lang.percent(float(actual) / float(budget))
    return lang.text("cockpit.tile.rate", share=share, gone=lang.percent(gone))


def _interval(row: dict[Any, Any], lang: Language) -> str:
    if _closed(row):
        return lang.text("cockpit.tile.closed")
    if not (known(row["p10"]) and known(row["p90"])):
        return ""
    note = lang.text("cockpit.tile.interval", interval=interval(lang, row["p10"], row["p90"]))
    if not known(row["open_amount"]) or money(lang, row["open_amount"]) == money(lang, 0):
        return note
    return lang.text("cockpit.tile.open", note=note, amount=money(lang, row["open_amount"]))


def _deviation(row: dict[Any, Any], hidden: str | None, lang: Language) -> str:
    if hidden:
        return hidden
    words = deviation(lang, row["deviation"])
    return words[:1].upper() + words[1:]


def _odds(row: dict[Any, Any], lang: Language) -> str:
    odds = row["probability_over_budget"]
    if not known(odds) or _closed(row):
        return lang.text("format.missing")
    chance = lang.chance(odds)
    return chance[:1].upper() + chance[1:]


def _odds_note(row: dict[Any, Any], lang: Language) -> str:
    if _closed(row):
        return lang.text("cockpit.tile.closed")
    return lang.text("cockpit.tile.odds_note" if known(row["probability_over_budget"])
                     else "cockpit.tile.no_odds")  # fmt: skip
