"""Sentences over plain charts: the newest value against a year before, the largest of several.

Belongs here: what can be said of any table without knowing it, true where cells are hidden or
missing. Not here: sentences of charts with a story of their own (`exports.charts.findings`).
"""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from exports.charts.figures import known, money
from exports.charts.plain import Form
from exports.language import Language


def written(lang: Language, form: Form) -> Callable[[Any], str]:
    """How a value of that form is written in a sentence."""
    written_as: dict[str, Callable[[Any], str]] = {
        "number": lang.number,
        "decimal": lambda value: lang.number(value, 1),
        "share": lang.percent,
        "million": lambda value: money(lang, value),
        "thousand": lang.kroner,
    }
    return written_as[form]


def finding_latest(
    frame: pd.DataFrame, lang: Language, measure: tuple[str, str], form: Form, of: str = ""
) -> str:
    """The newest value and the one a year before.

    `frame`: one row per `month`, `quarter` or `year`, oldest first, and whether it is `suppressed`.
    `measure`: column and name. `of`: what it is about. A hidden or missing year before is not
    compared with.
    """
    column, name = measure
    told = {"measure": name, "of": f", {of}" if of else ""}
    time = _time(frame)
    if frame.empty or not (frame[column].notna() | frame["suppressed"]).any():
        return lang.text("charts.latest.none", **told)
    # A month without anything is not the newest figure; a hidden one is, and is told as hidden.
    newest = frame[frame[column].notna() | frame["suppressed"]].iloc[-1]
    told["when"] = moment(lang, time, newest[time])
    if not known(newest[column]):
        return lang.text("charts.latest.hidden", **told)
    write = written(lang, form)
    told["value"] = write(newest[column])
    ago = newest[time] - (1 if time == "year" else pd.DateOffset(years=1))
    before = frame.loc[frame[time] == ago, column]
    if before.empty or not known(before.iloc[0]):
        return lang.text("charts.latest.alone", **told)
    told |= {"before": write(before.iloc[0]), "when_before": moment(lang, time, ago)}
    if told["before"] == told["value"]:
        return lang.text("charts.latest.same", **told)
    up = float(newest[column]) > float(before.iloc[0])
    return lang.text(f"charts.latest.{'up' if up else 'down'}", **told)


def finding_beside(
    frame: pd.DataFrame,
    lang: Language,
    measure: tuple[str, str],
    other: tuple[str, str],
    form: Form,
    of: str = "",
) -> str:
    """The newest value of one series beside that of another, from the same row."""
    both = frame[frame[[measure[0], other[0]]].notna().all(axis=1)]
    if both.empty:
        return finding_latest(frame, lang, measure, form, of)
    time = _time(frame)
    row, write = both.iloc[-1], written(lang, form)
    return lang.text(
        "charts.latest.beside",
        measure=measure[1],
        of=f", {of}" if of else "",
        when=moment(lang, time, row[time]),
        value=write(row[measure[0]]),
        other=_within(other[1]),
        beside=write(row[other[0]]),
    )


def finding_wins(
    frame: pd.DataFrame,
    lang: Language,
    measure: tuple[str, str],
    other: tuple[str, str],
    of: str = "",
) -> str:
    """In how many rows the measure is below the other."""
    both = frame[frame[[measure[0], other[0]]].notna().all(axis=1)]
    told = {"measure": measure[1], "other": _within(other[1]), "of": f", {of}," if of else ""}
    if both.empty:
        return lang.text("charts.wins.none", **told)
    won = int((both[measure[0]] < both[other[0]]).sum())
    return lang.text("charts.wins.some", won=won, count=len(both), **told)


def finding_largest(
    frame: pd.DataFrame,
    lang: Language,
    measure: tuple[str, str],
    form: Form,
    of: Sequence[str] = (),
    lowest: bool = False,
) -> str:
    """Which `name` has the largest value (or `lowest`), of how many, and how many are hidden."""
    column, name = measure
    told: dict[str, Any] = {"measure": name, "of": "".join(f", {part}" for part in of if part)}
    hidden = int((frame["suppressed"] & frame[column].isna()).sum())
    shown = frame[frame[column].notna()]
    if shown.empty:
        return lang.text(f"charts.largest.{'hidden' if hidden else 'none'}", **told)
    values = shown[column].astype(float)
    size = -values if lowest else values.abs()
    row = shown.iloc[int(size.argmax())]
    write = written(lang, form)
    told |= {"label": str(row["name"]).replace("\n", " "), "value": write(row[column])}
    told["rest"] = lang.text("charts.largest.rest", hidden=hidden) if hidden else ""
    if not values.any():
        return lang.text("charts.largest.zero", **told)
    if len(shown) == 1:
        return lang.text("charts.largest.one", **told)
    return lang.text(f"charts.largest.{'low' if lowest else 'high'}", **told)


def moment(lang: Language, time: str, value: Any) -> str:
    """oktober 2026, 3. kvartal 2026 or 2026: a value of the column `time` in words."""
    if time == "year":
        return str(int(value))
    if time == "quarter":
        return lang.text("charts.quarter", quarter=value.quarter, year=value.year)
    return lang.month(value)


def _time(frame: pd.DataFrame) -> str:
    return next(part for part in ("month", "quarter", "year") if part in frame)


def _within(name: str) -> str:
    """A name in the middle of a sentence."""
    return name[:1].lower() + name[1:]
