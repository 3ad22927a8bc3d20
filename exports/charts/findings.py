"""The sentence that states what a chart shows, with numbers; it is heading and alternative text.

Belongs here: one `finding_*` and one `alt_text_*` per chart. The words are in the catalogue.
Not here: specs. Every function takes the same frames as its chart and says so when they are empty.
"""

from typing import Any

import pandas as pd

from exports.charts.figures import (
    change_parts,
    deviating,
    floats,
    interval,
    known,
    money,
    persons_at_once,
    settings,
)
from exports.language import Language


def finding_fan(frame: pd.DataFrame, lang: Language, label: str) -> str:
    """The mean of the last twelve complete months against the next twelve of the forecast."""
    data = floats(frame, ["actual", "mean"]).sort_values("month")
    complete = data["is_complete"].astype(bool)
    before = data.loc[complete, "actual"].dropna().tail(12).mean()
    after = data.loc[~complete, "mean"].dropna().head(12).mean()
    if not known(before):
        hidden = "suppressed" in data and bool(data["suppressed"].any())
        return lang.text(f"charts.fan.{'hidden' if hidden else 'none'}", label=label)
    values = {"label": label, "before": money(lang, before), "after": money(lang, after)}
    if not known(after):
        return lang.text("charts.fan.actual_only", **values)
    steady = abs(after - before) <= settings()["steady_share"] * abs(before)
    key = "steady" if steady else "rise" if after > before else "fall"
    return lang.text(f"charts.fan.{key}", **values)


def finding_cumulative(outturn: pd.DataFrame, lang: Language, label: str, year: int) -> str:
    """Expected outturn of the year, its deviation in words and its interval."""
    values: dict[str, Any] = {"label": label, "year": year}
    if len(outturn) and bool(outturn["suppressed"].iloc[0]):
        return lang.text("charts.cumulative.hidden", **values)
    data = floats(outturn, ["mean", "p10", "p90", "deviation", "adjusted_budget"])
    if not len(data) or not known(data["mean"].iloc[0]):
        return lang.text("charts.cumulative.none", **values)
    row = data.iloc[0]
    values["mean"] = money(lang, row["mean"])
    has_interval = known(row["p10"]) and known(row["p90"])
    values["interval"] = interval(lang, row["p10"], row["p90"]) if has_interval else ""
    values["deviation"] = deviation(lang, row["deviation"])
    if not known(row["deviation"]):
        return lang.text("charts.cumulative.no_budget", **values)
    closed = not has_interval or row["p10"] == row["p90"]
    return lang.text(f"charts.cumulative.{'closed' if closed else 'finding'}", **values)


def deviation(lang: Language, value: Any) -> str:
    """merforbrug på 2,35 mio. kr.: in words, with a decimal more for small amounts."""
    if not known(value) or round(float(value), -4) == 0:
        return lang.deviation(value)
    key = "deviation.over" if float(value) > 0 else "deviation.under"
    return lang.text(key, amount=money(lang, abs(float(value))))


def finding_outturn(frame: pd.DataFrame, lang: Language) -> str:
    """How many are clearly over and under budget, and which deviates most."""
    data = deviating(frame)
    if data.empty:
        return lang.text("charts.outturn.none")
    largest = data.iloc[int(data["deviation"].abs().argmax())]
    values = {
        "over": int((data["status"] == "over").sum()),
        "under": int((data["status"] == "under").sum()),
        "count": len(data),
        "label": largest[lang.column("label")],
        "deviation": deviation(lang, largest["deviation"]),
    }
    some = values["over"] or values["under"]
    return lang.text(f"charts.outturn.{'some' if some else 'undecided'}", **values)


def finding_bridge(frame: pd.DataFrame, lang: Language) -> str:
    """How far the expected outturn moved since the last run, and what moved it most."""
    steps, total = change_parts(frame)
    if steps.empty:
        return lang.text("charts.bridge.none")
    largest = steps.iloc[0]
    return lang.text(
        f"charts.bridge.{'up' if total >= 0 else 'down'}",
        change=money(lang, abs(total)),
        date=lang.date(largest["as_of_before"]),
        label=largest[lang.column("label")],
        largest=signed(lang, largest["change"]),
    )


def signed(lang: Language, value: float) -> str:
    """An amount with its sign: +0,42 mio. kr."""
    return ("+" if value >= 0 else "−") + money(lang, abs(value))


def finding_activity(frame: pd.DataFrame, lang: Language) -> str:
    """Persons present in the last complete month against the same month a year before.

    A type that is hidden in either month is left out of both, and the sentence says so: it did not
    grow from nothing.
    """
    data = floats(frame[frame["sector"] == "total"], [])
    data = data[data["is_complete"].astype(bool)]
    data = data.assign(persons=persons_at_once(data, "full_year_persons"))
    month = data.loc[data["persons"].notna(), "month"].max()
    if pd.isna(month):
        return lang.text("charts.activity.none")
    name = lang.column("label")
    year_ago = month - pd.DateOffset(years=1)
    both = data[data["month"].isin([month, year_ago])]
    unseen = set(both.loc[both["persons"].isna(), name])
    seen = both[~both[name].isin(unseen)]
    now = seen[seen["month"] == month].groupby(name)["persons"].sum()
    past = seen[seen["month"] == year_ago].groupby(name)["persons"].sum()
    if past.empty:
        shown = both.loc[both["month"] == month, "persons"].sum()
        return lang.text(
            "charts.activity.no_before", now=lang.number(shown), month=lang.month(month)
        )
    change = now.sub(past, fill_value=0.0)
    scope = lang.text("charts.activity.both_years") if unseen else ""
    values = {"now": lang.number(now.sum()), "month": lang.month(month), "scope": scope}
    total = round(float(change.sum()))
    if total == 0:
        return lang.text("charts.activity.same", **values)
    largest = str(change.abs().idxmax())
    step = float(change[largest])
    values |= {"change": lang.number(abs(total)), "label": largest}
    values["largest"] = ("+" if step >= 0 else "−") + lang.number(abs(step))
    return lang.text(f"charts.activity.{'more' if total > 0 else 'fewer'}", **values)


def finding_price(frame: pd.DataFrame, lang: Language) -> str:
    """The type whose unit price rose most from the year before to the newest year."""
    data = floats(frame, ["unit_price"])
    data = data[data["unit_price"].notna() & (data["unit_price"] > 0)]
    if data.empty:
        return lang.text("charts.price.none")
    year = int(data["year"].max())
    name = lang.column("label")
    now = data[data["year"] == year].set_index(name)["unit_price"]
    past = data[data["year"] == year - 1].set_index(name)["unit_price"]
    growth = (now / past - 1).dropna()
    if growth.empty:
        return lang.text("charts.price.no_before")
    label = str(growth.idxmax())
    share = float(growth[label])
    return lang.text(
        f"charts.price.{'up' if share >= 0 else 'down'}",
        label=label,
        before=lang.kroner(round(float(past[label]), -3)),
        after=lang.kroner(round(float(now[label]), -3)),
        year=year,
        percent=("+" if share >= 0 else "−") + lang.percent(abs(share), 1),
    )


def finding_placed(frame: pd.DataFrame, lang: Language) -> str:
    """Share and number placed in the last complete month, and the number a year before."""
    data = floats(frame, ["share_placed", "children_placed"])
    data = data[data["is_complete"].astype(bool) & data["share_placed"].notna()]
    if data.empty:
        return lang.text("charts.placed.none")
    row = data.sort_values("month").iloc[-1]
    past = data.loc[data["month"] == row["month"] - pd.DateOffset(years=1), "children_placed"]
    before = past.iloc[0] if len(past) else None
    return lang.text(
        f"charts.placed.{'before' if known(before) else 'finding'}",
        share=lang.percent(row["share_placed"], 2),
        month=lang.month(row["month"]),
        children=lang.number(row["children_placed"]),
        before=lang.number(before),
    )


def finding_placement(frame: pd.DataFrame, lang: Language) -> str:
    """The newest shares of the placed in foster care, network care and with own providers."""
    columns = ["share_foster", "share_network", "share_internal"]
    data = floats(frame, columns)
    data = data[data["is_complete"].astype(bool) & data[columns].notna().any(axis=1)]
    if data.empty:
        return lang.text("charts.placement.none")
    row = data.sort_values("month").iloc[-1]
    names = ("foster", "network", "internal")
    shares = {name: lang.percent(row[f"share_{name}"]) for name in names}
    return lang.text("charts.placement.finding", **shares)


def alt_text_fan(frame: pd.DataFrame, lang: Language, label: str) -> str:
    """What the fan chart is and what it shows."""
    return _alt(lang, "fan", finding_fan(frame, lang, label))


def alt_text_cumulative(outturn: pd.DataFrame, lang: Language, label: str, year: int) -> str:
    """What the chart of the year added up is and what it shows."""
    return _alt(lang, "cumulative", finding_cumulative(outturn, lang, label, year))


def alt_text_outturn(frame: pd.DataFrame, lang: Language) -> str:
    """What the deviation bars are and what they show."""
    return _alt(lang, "outturn", finding_outturn(frame, lang))


def alt_text_bridge(frame: pd.DataFrame, lang: Language) -> str:
    """What the bridge is and what it shows."""
    return _alt(lang, "bridge", finding_bridge(frame, lang))


def alt_text_activity(frame: pd.DataFrame, lang: Language) -> str:
    """What the small charts of activity are and what they show."""
    return _alt(lang, "activity", finding_activity(frame, lang))


def alt_text_price(frame: pd.DataFrame, lang: Language) -> str:
    """What the small charts of unit prices are and what they show."""
    return _alt(lang, "price", finding_price(frame, lang))


def alt_text_placed(frame: pd.DataFrame, lang: Language) -> str:
    """What the line of the share placed is and what it shows."""
    return _alt(lang, "placed", finding_placed(frame, lang))


def alt_text_placement(frame: pd.DataFrame, lang: Language) -> str:
    """What the lines of shares of the placed are and what they show."""
    return _alt(lang, "placement", finding_placement(frame, lang))


def _alt(lang: Language, chart: str, finding: str) -> str:
    return lang.text("charts.alt", chart=lang.text(f"charts.{chart}.name"), finding=finding)
