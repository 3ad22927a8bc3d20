"""Disclosure control: no reporting table tells anything about fewer than five children.

Belongs here: which cells are sensitive, and the suppression in every reporting table that shows
them. The rules are data (`disclosure_rules.yml`); the reasoning over margins is `exports.margins`.
Not here: the economists' pseudonymised marts, which are not suppressed, and how a suppressed cell
is written for a reader.

The tree is total > function > measure type > sector, one decision per node and year for all tables
and months: a month that is left out alone would follow from the year's sum. Flat tables are
controlled row by row (`exports.disclosure_flat`). Tables about loads, rules and calendars are not
about persons and pass untouched, but only where the rules say so: a table that they do not name
stops publishing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from exports.disclosure_flat import DisclosureError, FlatTable, control_flat
from exports.disclosure_tree import (
    PLACED,
    Frames,
    Table,
    TypeInfo,
    YearNode,
    current_year,
    nodes_of,
    presence_of,
    relations_of,
    sectors_of,
    sizes_of,
    types_of,
    year_nodes,
    years_of,
)
from exports.margins import Node, protect

RULES_FILE = Path(__file__).with_name("disclosure_rules.yml")

# What is hidden first where there is a choice; a year's total and the number placed come last.
_LOSS = {"share": 0, "sector": 0, "measure_type": 1, "function": 2, "placed": 8, "total": 9}


@dataclass(frozen=True)
class Rules:
    """The rules file, read: threshold (persons), dominance (share), and each kind of table."""

    threshold: int
    dominance: float
    tables: Mapping[str, Table]
    placements: Mapping[str, Any]
    flat: Mapping[str, FlatTable] = field(default_factory=dict)
    not_about_persons: Sequence[str] = ()

    @property
    def declared(self) -> list[str]:
        """The tables that the rules name, once for each place in which they do."""
        return [*self.tables, self.placements["table"], *self.flat, *self.not_about_persons]


def load_rules(path: Path = RULES_FILE) -> Rules:
    """The rules as the file has them. TypeError names an unknown or missing entry."""
    return Rules(**yaml.safe_load(path.read_text(encoding="utf-8")))


def require_declared(tables: Sequence[str], rules: Rules) -> None:
    """Raise DisclosureError for a reporting table that the rules do not name, or name twice."""
    unknown = sorted(set(tables) - set(rules.declared))
    if unknown:
        raise DisclosureError(
            f"no rule says how {', '.join(unknown)} may be published, so nothing is: declare it in"
            " exports/disclosure_rules.yml under flat, tables or not_about_persons"
        )
    twice = sorted(name for name in set(tables) if rules.declared.count(name) > 1)
    if twice:
        raise DisclosureError(
            f"exports/disclosure_rules.yml names {', '.join(twice)} in two places; one must go"
        )


def control(frames: Frames, rules: Rules | None = None) -> dict[str, pd.DataFrame]:
    """The reporting tables with every sensitive and complementary cell empty.

    Takes and gives tables by name. Each table about persons gets a boolean `suppressed`. Its own
    result is given back as it is. Raises DisclosureError for a table that no rule names.
    """
    rules = rules or load_rules()
    require_declared(list(frames), rules)
    if _is_controlled(frames, rules):
        return dict(frames)
    current = current_year(frames)
    hidden = _hidden(frames, rules, current)
    result = dict(frames)
    for name, table in rules.tables.items():
        if name in result:
            result[name] = _suppress(result[name], table, hidden, current, types_of(frames))
    place = rules.placements["table"]
    if place in result:
        result[place] = _suppress_placements(result[place], rules, hidden)
    for name, flat in rules.flat.items():
        if name in result:
            frame = _hidden_with_placed(result[name], flat, rules, hidden)
            result[name] = control_flat(name, frame, flat, rules.threshold, rules.dominance)
    return result


def _is_controlled(frames: Frames, rules: Rules) -> bool:
    """Whether the tables have been through control: it empties its own columns in every row, and
    chooses anew without them, so that one page would hide what another shows."""
    outturn = frames.get("rpt_outturn")
    if outturn is None or not (pd.to_numeric(outturn["children"]) > 0).any():
        return False
    own = [column for column in rules.tables["rpt_outturn"].get("control", []) if column in outturn]
    return bool(own) and "suppressed" in outturn and bool(outturn[own].isna().all(axis=None))


def _hidden_with_placed(
    frame: pd.DataFrame, table: FlatTable, rules: Rules, hidden: frozenset[YearNode]
) -> pd.DataFrame:
    """The table with those rows suppressed that add up to a hidden number of children placed."""
    column = table.get("with_placed")
    if column is None or not {column, "month"} <= set(frame):
        return frame
    years = pd.to_datetime(frame["month"]).dt.year
    gone = years.map(lambda year: (int(year), PLACED) in hidden).astype(bool)
    gone &= frame[column] == rules.placements["category"]
    return frame.assign(suppressed=_already(frame) | gone)


def suppressed_cells(frames: Frames) -> dict[str, int]:
    """How many rows of each controlled table are suppressed: the loss, for the run's log."""
    return {
        name: int(frame["suppressed"].sum())
        for name, frame in frames.items()
        if "suppressed" in frame.columns
    }


def _hidden(frames: Frames, rules: Rules, current: int | None) -> frozenset[YearNode]:
    """Year by year, so that a year without persons can follow the last year that had them."""
    few, before = _sensitive(frames, rules, current)
    often = {node for _, node in few | before}
    sizes = sizes_of(frames)
    presence = presence_of(frames.get("rpt_outturn"))
    hidden: set[YearNode] = set()
    followed: dict[Node, bool] = {}
    for year in sorted({*presence, *(year for year, _ in few | before)}):
        here = presence.get(year, {})
        found = {node for at, node in few if at == year}
        found |= {
            node
            for node, is_present in here.items()
            if not is_present and followed.get(node) and sizes.get((year, node))
        }
        parts = (nodes for parent, nodes in sectors_of(frames, year).items() if parent in found)
        found = found.union(*parts, (node for at, node in before if at == year))
        rank = partial(_rank, sizes=sizes, year=year, often=often)
        nodes = protect(relations_of(frames, rules.placements, year), frozenset(found), rank)
        hidden |= {(year, node) for node in nodes}
        followed |= {node: False for node, is_present in here.items() if is_present}
        followed |= dict.fromkeys(nodes, True)
    return frozenset(hidden)


def _rank(
    node: Node, sizes: Mapping[YearNode, float], year: int, often: set[Node]
) -> tuple[float, ...]:
    """Least loss first; a cell that is hidden in other years anyway before a new one; never an
    empty cell where there is another, since a zero that everyone expects protects nothing."""
    size = sizes.get((year, node), 0.0)
    order = float(sum(map(ord, node.key)))
    return (_LOSS[node.kind], float(size == 0), float(node not in often), size, order)


def _sensitive(
    frames: Frames, rules: Rules, current: int | None
) -> tuple[set[YearNode], set[YearNode]]:
    """Nodes that rest on too few children, and nodes that an earlier control hid."""
    few, before = _sensitive_placements(frames, rules)
    for name, table in rules.tables.items():
        frame = frames.get(name)
        if frame is not None and not frame.empty:
            few |= set(year_nodes(frame[_few(frame, rules)], table, current))
            before |= set(year_nodes(frame[_already(frame)], table, current))
    return few - before, before


def _already(frame: pd.DataFrame) -> pd.Series:
    if "suppressed" in frame:
        return frame["suppressed"].fillna(False).astype(bool)
    return pd.Series(False, index=frame.index)


def _few(frame: pd.DataFrame, rules: Rules) -> pd.Series:
    """Rows that rest on 1 to threshold-1 children, in the year or a month, or mostly on one."""
    few = pd.Series(False, index=frame.index)
    for column in ("children", "children_month_min"):
        if column in frame:
            few |= _small(frame[column], rules)
    if "largest_child_share" in frame:
        share = pd.to_numeric(frame["largest_child_share"])
        few |= (share > rules.dominance) & (pd.to_numeric(frame["children"]) > 0)
    if "sector" in frame and {"children", "full_year_persons"} <= set(frame):
        count = pd.to_numeric(frame["children"])
        # Days without a child at the month's end: someone left during the month.
        few |= (pd.to_numeric(frame["full_year_persons"]) > 0) & (count < rules.threshold)
    return few


def _sensitive_placements(frames: Frames, rules: Rules) -> tuple[set[YearNode], set[YearNode]]:
    """Years with a month of too few placed; columns that an earlier control emptied for a year."""
    frame, place = frames.get(rules.placements["table"]), rules.placements
    if frame is None or frame.empty:
        return set(), set()
    years = pd.to_datetime(frame["month"]).dt.year
    few = {(int(year), PLACED) for year in years[_small(frame[place["total"]], rules)]}
    total = pd.to_numeric(frame[place["total"]])
    for column in place["shares"]:
        part = (pd.to_numeric(frame[column]) * total).round()
        small = _small(part, rules) | _small(total - part, rules)
        # Emptied in every month, a share is hidden for the year: what it follows from must be too.
        whole = (small | frame[column].isna()).groupby(years).all() & small.groupby(years).any()
        few |= {(int(year), Node("share", column)) for year in whole.index[whole]}
    if "suppressed" not in frame:
        return few, set()
    before: set[YearNode] = set()
    for column in [place["total"], *place["shares"]]:
        node = PLACED if column == place["total"] else Node("share", column)
        gone = frame[column].isna().groupby(years).all()
        before |= {(int(year), node) for year, is_gone in gone.items() if is_gone}
    return few, before


def _suppress(
    frame: pd.DataFrame,
    table: Table,
    hidden: frozenset[YearNode],
    current: int | None,
    types: Mapping[str, TypeInfo],
) -> pd.DataFrame:
    result = _with_every_month(frame, table, hidden, types)
    mask = pd.Series(
        [pair in hidden for pair in year_nodes(result, table, current)],
        index=result.index,
        dtype=bool,
    )
    result["suppressed"] = mask
    result = _emptied(result, mask, table["values"])
    if "of_sectors" in table:
        result = _emptied(result, _of_hidden_sectors(result, table, hidden), table["of_sectors"])
    return _emptied(result, pd.Series(True, index=result.index), table.get("control", []))


def _of_hidden_sectors(frame: pd.DataFrame, table: Table, hidden: frozenset[YearNode]) -> pd.Series:
    """Rows of a measure type that is hidden in the year, or of which a sector is."""
    kinds = ("measure_type", "sector")
    types = {(year, node.key.split("|")[0]) for year, node in hidden if node.kind in kinds}
    rows = year_nodes(frame, table, None)
    inside = [(year, node.key.split("|")[0]) in types for year, node in rows]
    return pd.Series(inside, index=frame.index, dtype=bool)


def _with_every_month(
    frame: pd.DataFrame,
    table: Table,
    hidden: frozenset[YearNode],
    types: Mapping[str, TypeInfo],
) -> pd.DataFrame:
    """Rows for hidden nodes where the table has none: a gap would say that there was nobody."""
    result = frame.copy()
    if "level" in table or frame.empty:
        return result
    shown = set(table["kinds"])
    times = frame[[table["time"], *(["is_complete"] if "is_complete" in frame else [])]]
    times = times.drop_duplicates(subset=table["time"])
    years = years_of(times, table, None)
    present = set(zip(frame[table["time"]], nodes_of(frame, table), strict=True))
    added = [
        _hidden_row(time, node, table, types)
        for at, node in sorted(hidden)
        if node.key.split("|")[0] in types
        for year, time in zip(years, times.to_dict("records"), strict=True)
        if year == at and (time[table["time"]], node) not in present
        if node.kind in shown
    ]
    if not added:
        return result
    records = [*result.to_dict("records"), *added]
    kept = {name: kind for name, kind in frame.dtypes.items() if kind.kind in "Mb"}
    return pd.DataFrame(records, columns=frame.columns).astype(kept)


def _hidden_row(
    time: Mapping[Any, Any], node: Node, table: Table, types: Mapping[str, TypeInfo]
) -> dict[str, Any]:
    key, _, sector = node.key.partition("|")
    return {**time, **types[key], table["key"]: key, "sector": sector or "total"}


def _emptied(frame: pd.DataFrame, mask: pd.Series, columns: list[str]) -> pd.DataFrame:
    for column in columns:
        if column in frame:
            values = pd.to_numeric(frame[column])
            frame[column] = values.astype("float64").where(~mask)
    return frame


def _suppress_placements(
    frame: pd.DataFrame, rules: Rules, hidden: frozenset[YearNode]
) -> pd.DataFrame:
    """Years whose columns are hidden, months with small parts, and flows: both or neither."""
    result, place = frame.copy(), rules.placements
    years = [int(year) for year in pd.to_datetime(result["month"]).dt.year]

    def in_hidden(node: Node) -> pd.Series:
        return pd.Series([(year, node) in hidden for year in years], result.index, dtype=bool)

    total = pd.to_numeric(result[place["total"]])
    gone = in_hidden(PLACED)
    of_total = [place["total"], place["total_share"], *place["shares"], *place.get("means", [])]
    result = _emptied(result, gone, of_total)
    for column in place["shares"]:
        part = (pd.to_numeric(result[column]) * total).round()
        small = _small(part, rules) | _small(total - part, rules)
        if column in place.get("within", {}):
            around = pd.to_numeric(frame[place["within"][column]]) * total
            small |= _small(around.round() - part, rules)
        result = _emptied(result, small | in_hidden(Node("share", column)), [column])
    for name in ("flows", "events"):
        together = place.get(name, [])
        few = [_small(result[column], rules) for column in together]
        few_of_them = pd.concat([gone, *few], axis=1).any(axis=1)
        if name in place.get("sums", {}):
            few_of_them = _not_alone(result, few_of_them, together, place["sums"][name], rules)
        result = _emptied(result, few_of_them, together)
    emptied = (result[frame.columns].isna() & frame.notna()).any(axis=1)
    result["suppressed"] = emptied | _already(frame)
    return result


def _not_alone(
    frame: pd.DataFrame, hidden: pd.Series, columns: list[str], period: str, rules: Rules
) -> pd.Series:
    """The hidden months, and the smallest others of a period until its sums give none away."""
    months = pd.to_datetime(frame["month"])
    periods = months.dt.to_period({"quarter": "Q", "year": "Y"}[period])
    counts = frame[columns].apply(pd.to_numeric).fillna(0)
    result = hidden.copy()
    for _, rows in counts.groupby(periods):
        of_period = hidden[rows.index]
        if not of_period.any():
            continue
        gone = list(rows.index[of_period])
        left = rows.index[~of_period & (rows.sum(axis=1) > 0)]
        for month in rows.loc[left].sum(axis=1).sort_values(kind="stable").index:
            together = rows.loc[gone]
            told = together.sum()
            counted = int((together.sum(axis=1) > 0).sum())
            if counted > 1 and not ((told > 0) & (told < rules.threshold)).any():
                break
            gone.append(month)
        result[gone] = True
    return result


def _small(count: pd.Series, rules: Rules) -> pd.Series:
    number = pd.to_numeric(count)
    return (number > 0) & (number < rules.threshold)
