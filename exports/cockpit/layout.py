"""What stands on which page of the cockpit, and with which filters.

Belongs here: `pages.yml` read, the choices of every filter and the state that the page opens with.
Not here: how a chart, a table or a sentence is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pandas as pd
import yaml

from exports.cockpit.blocks import EVERYTHING, blocks
from exports.cockpit.figures import LEVELS, Figure
from exports.cockpit.inputs import HERE, Frames
from exports.language import Language

FILTERS = ("area", "year", "sector", "category", "district", "team", "duty", "scenario",
           "initiative")  # fmt: skip
_FIRST_CATEGORY = "placement"


@dataclass(frozen=True)
class Item:
    """One thing on a page: one of the first five is set. `words`: its empty table's text."""

    summary: bool = False
    figures: tuple[str, ...] = ()
    table: str = ""
    heading: str = ""
    note: str = ""
    words: str = ""
    filter: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Page:
    """A page with the filters that change something on it."""

    key: str
    items: list[Item]
    filters: list[str]


@dataclass(frozen=True)
class Choice:
    """One filter: its options (value, label), in groups that may have a name."""

    name: str
    groups: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)


@cache
def _declared() -> dict[str, list[Item]]:
    text = (HERE / "pages.yml").read_text(encoding="utf-8")
    return {
        key: [Item(**{**item, "figures": tuple(item.get("figures", ()))}) for item in items]
        for key, items in yaml.safe_load(text).items()
    }


def pages(figures: Mapping[str, Figure], offered: list[str]) -> list[Page]:
    """The pages in their order; `offered`: the filters that have a choice."""
    result = []
    for key, items in _declared().items():
        used = {name for item in items for figure in item.figures if figure in figures
                for name in figures[figure].filters}  # fmt: skip
        used |= {item.filter for item in items}
        used |= {"area", "year"} if any(item.summary for item in items) else set()
        result.append(Page(key, items, [name for name in offered if name in used]))
    return result


def first_state(frames: Frames, choices: list[Choice]) -> dict[str, str]:
    """The page and the value of every filter that the cockpit opens with."""
    state = {"page": next(iter(_declared()))}
    for choice in choices:
        state[choice.name] = next(value for _, options in choice.groups for value, _ in options)
    year = int(frames["rpt_run"]["current_year"].iloc[0])
    return state | {"year": str(year), "category": _FIRST_CATEGORY}


def filter_choices(frames: Frames, lang: Language) -> list[Choice]:
    """Every filter that has something to choose, in the order of the bar."""
    found = [_areas(frames, lang), _years(frames), _categories(frames, lang)]
    by_name = {choice.name: choice for choice in found}
    result = [by_name.get(name) or _of_blocks(name, frames, lang) for name in FILTERS]
    return [choice for choice in result if any(options for _, options in choice.groups)]


def _areas(frames: Frames, lang: Language) -> Choice:
    outturn = frames["rpt_outturn"]
    label = lang.column("label")
    groups = []
    for level in ("total", *LEVELS):
        rows = outturn[outturn["level"] == level].sort_values("sort_order")
        names = rows.drop_duplicates("key", keep="last")
        options = [(f"{level}:{row.key}", str(getattr(row, label))) for row in names.itertuples()]
        groups.append((lang.text(f"cockpit.level.{level}"), options))
    if not any(options for _, options in groups):
        groups[0] = ("", [(EVERYTHING["area"], lang.text("cockpit.level.total"))])
    return Choice("area", groups)


def _years(frames: Frames) -> Choice:
    current = int(frames["rpt_run"]["current_year"].iloc[0])
    found = {int(year) for year in frames["rpt_outturn"]["year"]} | {current}
    return Choice("year", [("", [(str(year), str(year)) for year in sorted(found, reverse=True)])])


def _categories(frames: Frames, lang: Language) -> Choice:
    kinds = [*frames["rpt_activity_month"]["category"], *frames["rpt_activity_year"]["category"]]
    seen = dict.fromkeys([_FIRST_CATEGORY, *(str(kind) for kind in kinds if kind is not None)])
    named = [kind for kind in seen if lang.has(f"category.{kind}")]
    options = [(kind, lang.text(f"category.{kind}")) for kind in named]
    return Choice("category", [("", options)])


def _of_blocks(name: str, frames: Frames, lang: Language) -> Choice:
    """The values that the blocks' tables have in the filter's column, everything first."""
    seen: dict[str, str] = {}
    for block in blocks().values():
        column = block.filters.get(name)
        frame = frames[block.table]
        if column is None or frame.empty:
            continue
        rows = frame[frame[column].notna()].drop_duplicates(column).sort_values(column)
        for row in rows.to_dict("records"):
            seen.setdefault(str(row[column]), _label(row, name, column, lang))
    everything = EVERYTHING.get(name)
    if seen and everything:
        seen.pop(everything, None)
        seen = {everything: lang.text(f"cockpit.everything.{name}"), **seen}
    return Choice(name, [("", list(seen.items()))])


def _label(row: Mapping[Any, Any], name: str, column: str, lang: Language) -> str:
    for own in (lang.column(name), lang.column("label") if name == "initiative" else ""):
        if own in row and not pd.isna(row[own]):
            return str(row[own])
    keys = (f"{name}.{row[column]}", f"cockpit.value.{name}.{row[column]}")
    return next((lang.text(key) for key in keys if lang.has(key)), str(row[column]))
