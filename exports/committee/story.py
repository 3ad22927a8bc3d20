"""The sentences of a committee pack.

Belongs here: which finding is said, in which order, for which case (no budget, no forecast, no
cases, first report). The words are the catalogue's. Not here: tables and layout.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from exports.committee.model import Tile, is_missing
from exports.committee.rules import committee_rules
from exports.committee.tables import Record, records, still_open
from exports.language import Language
from exports.status import status_of


def headline(total: Record | None, run: Mapping[str, Any], lang: Language) -> str:
    """The one sentence with the number."""
    year = int(run["current_year"])
    if total is None:
        return lang.text("committee.headline.empty", year=year)
    if total["suppressed"]:
        return lang.text("committee.headline.suppressed", year=year)
    budget = total["adjusted_budget"]
    if is_missing(total["mean"]):
        return _spent(total, run, lang)
    values = {"year": year, "mean": lang.amount(total["mean"])}
    if is_missing(budget):
        return lang.text("committee.headline.no_budget", **values)
    words = lang.deviation(total["deviation"])
    key = "balance" if words == lang.text("deviation.none") else "full"
    share = lang.percent(abs(total["deviation"] / budget), 1) if budget else lang.number(None)
    amount = lang.amount(budget)
    return lang.text(
        f"committee.headline.{key}", deviation=words, share=share, budget=amount, **values
    )


def _spent(total: Record, run: Mapping[str, Any], lang: Language) -> str:
    month = lang.month(run["last_complete_month"])
    said = lang.text(
        "committee.headline.no_forecast",
        year=int(run["current_year"]),
        actual=lang.amount(total["actual_to_date"]),
        month=month,
    )
    budget = total["adjusted_budget"]
    if is_missing(budget) or not budget:
        return said
    share = lang.percent(total["actual_to_date"] / budget)
    used = lang.text("committee.headline.used", share=share, budget=lang.amount(budget))
    return f"{said} {used}"


def lead(total: Record | None, functions: Sequence[Record], lang: Language) -> list[str]:
    """Interval, odds in words, whether the basis is under control, and where it deviates."""
    if total is None or total["suppressed"]:
        return []
    sentences = []
    if not (is_missing(total["p10"]) or is_missing(total["p90"])):
        low, high = lang.amount(total["p10"]), lang.amount(total["p90"])
        sentences.append(lang.text("committee.lead.interval", low=low, high=high))
    if not is_missing(total["probability_over_budget"]):
        odds = lang.odds(total["probability_over_budget"])
        sentences.append(lang.text("committee.lead.odds", odds=odds))
    status = status_of(total)
    if lang.has(f"committee.lead.basis.{status}"):
        sentences.append(lang.text(f"committee.lead.basis.{status}"))
    named = _largest(functions, "deviation")
    if named:
        items = "; ".join(
            lang.text(
                "committee.lead.deviation_item",
                label=row[lang.column("label")],
                deviation=lang.deviation(row["deviation"]),
            )
            for row in named
        )
        sentences.append(lang.text("committee.lead.deviations", items=items))
    return sentences


def open_said(total: Record | None, lang: Language) -> list[str]:
    """What of the expected outturn is still to be booked of complete months, where it can be seen
    in the unit of the page."""
    amount = still_open(total) if total else 0.0
    if lang.amount(amount) == lang.amount(0):
        return []
    return [lang.text("committee.assumption.open", amount=lang.amount(amount))]


def _largest(rows: Sequence[Mapping[str, Any]], column: str) -> list[Mapping[str, Any]]:
    rules = committee_rules()["named"]
    known = [row for row in rows if not is_missing(row[column])]
    large = [row for row in known if abs(row[column]) >= rules["least_amount"]]
    return sorted(large, key=lambda row: -abs(row[column]))[: rules["count"]]


def tiles(total: Record | None, lang: Language) -> list[Tile]:
    """The four numbers of page one."""
    if total is None or total["suppressed"]:
        return []
    budget, actual = total["adjusted_budget"], total["actual_to_date"]
    used = None if is_missing(budget) or not budget else actual / budget
    original = lang.amount(total["original_budget"])
    low, high = lang.millions(total["p10"]), lang.millions(total["p90"])
    expected = "open_note" if open_said(total, lang) else "expected_note"
    odds = total["probability_over_budget"]
    return [
        _tile(
            "adjusted_budget",
            budget,
            None if is_missing(budget) else "original_note",
            lang,
            amount=original,
        ),
        _tile(
            "actual_to_date",
            actual,
            "actual_note" if used else None,
            lang,
            share=lang.percent(used),
        ),
        _tile(
            "expected_outturn",
            total["mean"],
            None if is_missing(total["p10"]) else expected,
            lang,
            low=low,
            high=high,
            amount=lang.amount(still_open(total)),
        ),
        Tile(
            lang.text("measure.probability_over_budget"),
            lang.number(None) if is_missing(odds) else lang.chance(odds),
            lang.number(None)
            if is_missing(total["deviation"])
            else lang.deviation(total["deviation"]),
        ),
    ]


def _tile(name: str, value: Any, note: str | None, lang: Language, **values: str) -> Tile:
    written = lang.text(f"committee.tile.{note}", **values) if note else ""
    return Tile(lang.text(f"measure.{name}"), lang.amount(value), written)


def changes_said(changes: Sequence[Mapping[str, Any]], lang: Language) -> list[str]:
    """How the expected outturn moved, and where most; or that this is the first report."""
    total = next((row for row in changes if row["level"] == "total"), None)
    if total is None or is_missing(total["change"]):
        return [lang.text("committee.change.first")]
    moved, before = total["change"], lang.date(total["as_of_before"])
    amount = lang.amount(abs(moved))
    key = "same" if amount == lang.amount(0) else "up" if moved > 0 else "down"
    said = [lang.text(f"committee.change.{key}", amount=amount, before=before)]
    named = _largest([row for row in changes if row["level"] == "function"], "change")
    if named:
        items = "; ".join(
            lang.text(
                "committee.change.item_up" if row["change"] > 0 else "committee.change.item_down",
                label=row["label"],
                amount=lang.amount(abs(row["change"])),
            )
            for row in named
        )
        said.append(lang.text("committee.change.most", items=items))
    return said


def activity_said(frames: Mapping[str, pd.DataFrame], year: int, lang: Language) -> list[str]:
    """Placed children now and a year ago, foster care, and the dearest types' unit prices."""
    months = [row for row in records(frames.get("rpt_placement_month")) if row["is_complete"]]
    said = _placed_said(sorted(months, key=lambda row: row["month"]), lang)
    said += _prices_said(frames.get("rpt_activity_year"), year, lang)
    return said or [lang.text("committee.activity.none")]


def _placed_said(months: Sequence[Record], lang: Language) -> list[str]:
    if not months or is_missing(months[-1]["children_placed"]):
        return []
    now, back = months[-1], committee_rules()["compare_months"]
    said = lang.text(
        "committee.activity.placed",
        month=lang.month(now["month"]),
        number=lang.number(now["children_placed"]),
        share=lang.percent(now["share_placed"], 2),
    )
    if len(months) > back and not is_missing(months[-1 - back]["children_placed"]):
        earlier = lang.number(months[-1 - back]["children_placed"])
        said += " " + lang.text("committee.activity.placed_before", number=earlier)
    if not is_missing(now["share_foster"]):
        share = lang.percent(now["share_foster"])
        said += " " + lang.text("committee.activity.foster", share=share)
    return [said]


def _prices_said(activity: pd.DataFrame | None, year: int, lang: Language) -> list[str]:
    before = {row["measure_type"]: row["unit_price"] for row in records(activity, year=year - 1)}
    known = [
        row
        for row in records(activity, year=year, category="placement")
        if not (is_missing(row["unit_price"]) or is_missing(row["net_expenditure"]))
    ]
    known.sort(key=lambda row: -row["net_expenditure"])
    return [
        _price_said(row, before.get(row["measure_type"]), year, lang)
        for row in known[: committee_rules()["named"]["count"]]
    ]


def _price_said(row: Record, before: Any, year: int, lang: Language) -> str:
    label, price = row[lang.column("label")], lang.kroner(round(row["unit_price"], -3))
    if is_missing(before) or not before:
        return lang.text("committee.activity.price_new", label=label, price=price)
    moved = row["unit_price"] / before - 1
    key = "committee.activity.up" if moved >= 0 else "committee.activity.down"
    change = lang.text(key, share=lang.percent(abs(moved), 1))
    return lang.text(
        "committee.activity.price", label=label, price=price, change=change, year=year - 1
    )
