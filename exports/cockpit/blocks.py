"""Blocks of the cockpit: plain charts that `blocks.yml` declares, made of one reporting table each.

Belongs here: which rows a choice of the filters shows, and the sentence over them. Not here: how a
chart looks (`exports.charts.plain`), the words, charts with a story of their own (`figures`).

A row is written once per choice that must be made (a year, a kind of measure); a choice that may be
left open (a team, an area) only names the rows that it keeps.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from textwrap import wrap
from typing import Any, Literal

import numpy as np
import pandas as pd
import yaml

from exports import charts
from exports.charts.figures import rows
from exports.charts.plain import Form, Plain, Shape, bars_height, plain_chart
from exports.charts.statements import (
    finding_beside,
    finding_largest,
    finding_latest,
    finding_wins,
    moment,
)
from exports.cockpit.figures import Figure, ranges, short
from exports.cockpit.inputs import HERE, Frames, settings
from exports.cockpit.tables import heading
from exports.language import Language

EVERYTHING = {
    "area": "total:total", "sector": "total", "district": "all", "team": "all", "initiative": "all",
}  # fmt: skip
Choices = dict[str, dict[str, np.ndarray]]
Saying = Literal["latest", "beside", "largest", "lowest", "wins"]
_LABEL_WIDTH = 34


@dataclass(frozen=True)
class Block:
    """An entry of `blocks.yml`; the file says what each part means."""

    id: str
    table: str
    shape: Shape
    form: Form
    series: list[str]
    time: str = ""
    name: list[str] = field(default_factory=list)
    filters: dict[str, str] = field(default_factory=dict)
    where: dict[str, Any] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    measures: dict[str, str] = field(default_factory=dict)
    band: list[str] = field(default_factory=list)
    totals: list[str] = field(default_factory=list)
    negative: list[str] = field(default_factory=list)
    finding: Saying = "largest"
    measure: str = ""
    verdict: str = ""
    limit: int = 0
    newest_only: bool = False
    whole_years: bool = False
    within_year: bool = False
    economists_only: bool = False


@cache
def blocks() -> dict[str, Block]:
    """The declared blocks by id. TypeError names an unknown or missing part of an entry."""
    declared = yaml.safe_load((HERE / "blocks.yml").read_text(encoding="utf-8"))
    return {name: Block(id=name, **entry) for name, entry in declared.items()}


def block_figure(block: Block, frames: Frames, lang: Language) -> Figure:
    """The block's chart with every choice of its filters."""
    plain = _plain(block, lang)
    shown = list(dict.fromkeys([*block.columns, *_told(block), *block.series]))
    figure = Figure(
        id=block.id,
        spec=charts.for_screen(plain_chart(plain)),
        filters=tuple(block.filters),
        columns={column: _heading(block, lang, column) for column in shown},
        none=lang.text(_none(block.id, lang)),
        small_multiples=block.shape == "multiples",
        series=tuple(block.series),
        forms=dict.fromkeys([*block.series, *block.band], block.form),
    )
    frame = _frame(block, frames, lang)
    if frame.empty:
        return figure
    needed, left_open = _choices(block, frame, frames)
    for values, mask in _combined(needed, np.ones(len(frame), dtype=bool)):
        pool = "|".join(values.values())
        kept = np.flatnonzero(mask)
        figure.pools[pool] = _pool(block, frame.iloc[kept], figure)
        here = {name: {value: mask[kept] for value, mask in of_name.items()}
                for name, of_name in left_open.items()}  # fmt: skip
        told = frame[_needed_columns(block, frame, lang)].iloc[kept].reset_index(drop=True)
        for more, part in _combined(here, np.ones(len(kept), dtype=bool)):
            state = {**values, **more}
            place = "|".join(state[name] for name in block.filters)
            rows_of = told.iloc[np.flatnonzero(part)]
            figure.variants[place] = _variant(block, rows_of, state, pool, plain, lang)
    return figure


def _combined(choices: Choices, start: np.ndarray) -> Iterator[tuple[dict[str, str], np.ndarray]]:
    """Every combination of the filters' values that some row has, and which rows have it."""
    for picked in product(*(of_name.items() for of_name in choices.values())):
        mask = np.logical_and.reduce([start, *(one for _, one in picked)])
        if mask.any():
            yield dict(zip(choices, (value for value, _ in picked), strict=True)), mask


def _pool(block: Block, frame: pd.DataFrame, figure: Figure) -> dict[str, Any]:
    """The rows of one choice: what the table has, and what the chart needs beside it."""
    columns = [*(name for name in figure.columns if name in frame), *_drawn(block, frame)]
    columns = list(dict.fromkeys(columns))
    values = rows(frame[columns])
    return {"columns": columns, "rows": [[short(row[name]) for name in columns] for row in values]}


def _needed_columns(block: Block, frame: pd.DataFrame, lang: Language) -> list[str]:
    """What the sentence and the order of the bars are made of."""
    wanted = ["name", block.time, *block.series, block.measure, block.verdict, lang.column("label"),
              lang.column("duty"), "suppressed"]  # fmt: skip
    return [name for name in dict.fromkeys(wanted) if name in frame]


def _plain(block: Block, lang: Language) -> Plain:
    unit = f"cockpit.unit.{block.id}"
    return Plain(
        shape=block.shape,
        series={column: _heading(block, lang, column) for column in block.series},
        form=block.form,
        name=lang.text(f"cockpit.block.{block.id}"),
        unit=lang.text(unit if lang.has(unit) else f"cockpit.unit.{block.form}"),
        time=block.time or "year",
        band=(block.band[0], block.band[1]) if block.band else None,
        within_year=block.within_year,
        percent=lang.text("charts.percent_sign"),
    )


def _told(block: Block) -> list[str]:
    """The columns that say what a row is: its name and its time."""
    time = "period" if block.time == "quarter" else block.time
    named = ["name"] if block.name else []
    return [*named, *([time] if time else [])]


def _drawn(block: Block, pool: pd.DataFrame) -> list[str]:
    """What the chart needs beside the table's columns; whether a row is hidden, where one is."""
    hidden = ["suppressed"] if pool["suppressed"].any() else []
    return [*([block.time] if block.time else []), *block.band, *hidden]


def _heading(block: Block, lang: Language, column: str) -> str:
    if column in block.measures:
        return lang.text(f"measure.{block.measures[column]}")
    own = f"cockpit.block_column.{block.id}.{column}"
    return lang.text(own) if lang.has(own) else heading(lang, column)


def _none(name: str, lang: Language) -> str:
    own = f"cockpit.none.{name}"
    return own if lang.has(own) else "cockpit.none.block"


def _frame(block: Block, frames: Frames, lang: Language) -> pd.DataFrame:
    """The table's rows to show, oldest first or as the names sort, with `name` and `suppressed`."""
    frame = frames[block.table]
    for column, wanted in block.where.items():
        frame = frame[frame[column].isin(wanted if isinstance(wanted, list) else [wanted])]
    current = int(frames["rpt_run"]["current_year"].iloc[0])
    if "year" not in frame and block.time in frame:
        frame = frame.assign(year=pd.to_datetime(frame[block.time]).dt.year)
    frame = _within_reach(block, frame, current)
    if frame.empty:
        return frame
    numbers = {*block.series, *block.band, *block.totals, block.measure} - {""}
    frame = frame.assign(**{c: pd.to_numeric(frame[c], errors="coerce").astype(float)
                            for c in numbers})  # fmt: skip
    frame = frame.assign(**{column: -frame[column] for column in block.negative})
    if block.totals:
        keys = [*block.name, *([block.time] if block.time else [])]
        frame = frame.groupby(keys, as_index=False, dropna=False)[block.totals].sum()
        frame["suppressed"] = False
    if block.name:
        parts = pd.concat([_named(frame, name, lang) for name in block.name], axis=1)
        names = parts.agg(", ".join, axis=1)
        frame = frame.assign(name=names.map(lambda name: "\n".join(wrap(name, _LABEL_WIDTH))))
    if block.verdict:
        frame = frame.assign(**{block.verdict: _named(frame, block.verdict, lang)})
    if block.time == "quarter":
        told = [moment(lang, "quarter", value) for value in frame["quarter"]]
        frame = frame.assign(period=told)
    if "suppressed" not in frame:
        frame = frame.assign(suppressed=False)
    return _ordered(block, frame)


def _ordered(block: Block, frame: pd.DataFrame) -> pd.DataFrame:
    """Bars by size or in the table's own order; the rest by time and name."""
    if "sort_order" in frame:
        return frame.sort_values("sort_order", kind="stable", ignore_index=True)
    order = [name for name in (block.time, "name" if block.name else "") if name]
    frame = frame.sort_values(order, kind="stable", ignore_index=True)
    if block.shape != "bars":
        return frame
    size = frame[block.measure or block.series[0]].abs().fillna(-1.0)
    return frame.loc[(-size).sort_values(kind="stable").index].reset_index(drop=True)


def _named(frame: pd.DataFrame, column: str, lang: Language) -> pd.Series:
    """The column in words: its label, the catalogue's word for a code, or itself."""
    label = lang.column(column)
    if label in frame:
        return frame[label].astype(str)

    def word(value: Any) -> str:
        keys = (f"{column}.{value}", f"cockpit.value.{column}.{value}")
        return next((lang.text(key) for key in keys if lang.has(key)), str(value))

    return frame[column].map(word)


def _within_reach(block: Block, frame: pd.DataFrame, current: int) -> pd.DataFrame:
    """The years that the page offers, complete months, the newest month alone where it is asked."""
    if block.time == "month" and "is_complete" in frame:
        frame = frame[frame["is_complete"].isin([True])]
    if "year" in frame:
        frame = frame[frame["year"].between(current - settings()["years_back"], current + 1)]
    if block.whole_years:
        whole = frame["year"] < current
        months = frame.get("months_known", frame.get("months"))
        frame = frame[whole if months is None else whole | (months == 12)]
    if block.newest_only and len(frame):
        frame = frame[frame["month"] == frame["month"].max()]
    return frame


def _choices(block: Block, frame: pd.DataFrame, frames: Frames) -> tuple[Choices, Choices]:
    """Per filter its values and the rows of each: filters that must be chosen, and open ones."""
    needed: Choices = {}
    left_open: Choices = {}
    for name, column in block.filters.items():
        if name == "area":
            found = _areas(frame, frames) if column == "type" else _keys(frame)
            (needed if column == "key" else left_open)[name] = found
            continue
        values = {str(value): (frame[column] == value).to_numpy(dtype=bool)
                  for value in frame[column].dropna().unique()}  # fmt: skip
        everything = EVERYTHING.get(name)
        if everything is None or everything in values:
            needed[name] = values
        else:
            left_open[name] = {everything: np.ones(len(frame), dtype=bool), **values}
    return needed, left_open


def _keys(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    places = frame["level"].astype(str) + ":" + frame["key"].astype(str)
    return {str(place): (places == place).to_numpy() for place in places.unique()}


def _areas(frame: pd.DataFrame, frames: Frames) -> dict[str, np.ndarray]:
    """The whole, each function with the rows of its types, and each type with its own."""
    outturn = frames["rpt_outturn"]
    types = outturn[outturn["level"] == "measure_type"].drop_duplicates("key", keep="last")
    home = frame["measure_type"].map(dict(zip(types["key"], types["parent_function"], strict=True)))
    result = {"total:total": np.ones(len(frame), dtype=bool)}
    for level, column in (("function", home), ("measure_type", frame["measure_type"])):
        for key in column.dropna().unique():
            result[f"{level}:{key}"] = (column == key).to_numpy(dtype=bool)
    return result


def _variant(
    block: Block,
    frame: pd.DataFrame,
    state: dict[str, str],
    pool: str,
    plain: Plain,
    lang: Language,
) -> dict[str, Any]:
    """The rows by number, the sentence and the height that one choice has."""
    known = frame[block.series].notna().any(axis=1)
    result = {
        "finding": _finding(block, frame, state, plain, lang),
        "empty": not bool(known.any()),
        "pool": pool,
        "at": ranges(int(at) for at in frame.index),
    }
    if block.shape == "bars":
        names = frame.loc[known, "name"][: block.limit or None]
        result |= {"bars": len(names), "height": bars_height(list(names), len(block.series))}
    return result


def _finding(
    block: Block, frame: pd.DataFrame, state: dict[str, str], plain: Plain, lang: Language
) -> str:
    column = block.measure or block.series[0]
    measure = (column, _heading(block, lang, column))
    about = [lang.text(f"category.{state['category']}")] if "category" in state else []
    label = lang.column("label")
    if block.filters.get("area") == "key":
        about = [str(frame[label].iloc[0])]
    if (duty := lang.column("duty")) in frame:
        about += list(frame[duty].head(1))
    if block.finding == "wins":
        of = lang.text(f"cockpit.about.{block.id}")
        return finding_wins(frame, lang, measure, list(plain.series.items())[1], of)
    if block.time and (not block.name or frame["name"].nunique() == 1):
        name = [frame["name"].iloc[0].replace("\n", " ")] if block.name else []
        of = ", ".join([*name, *about])
        if block.finding == "beside":
            other = next(item for item in plain.series.items() if item[0] != column)
            told = finding_beside(frame, lang, measure, other, block.form, of)
            return _judged(told, block, frame, lang)
        return finding_latest(frame, lang, measure, block.form, of)
    if block.time:
        frame = frame[frame[block.time] == frame[block.time].max()]
        about = [*about, moment(lang, block.time, frame[block.time].iloc[0])]
    elif "year" in state:
        about = [*about, state["year"]]
    lowest = block.finding == "lowest"
    return finding_largest(frame, lang, measure, block.form, about, lowest)


def _judged(finding: str, block: Block, frame: pd.DataFrame, lang: Language) -> str:
    """The sentence, and what the newest row is judged to show where the block has a verdict."""
    if not block.verdict:
        return finding
    verdict = frame[block.verdict].iloc[-1]
    return lang.text("charts.latest.judged", finding=finding, verdict=verdict)
