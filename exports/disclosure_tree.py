"""The tree of nodes that the reporting tables show: which node a row is, and what adds up to what.

Belongs here: reading nodes, years, sizes and additive relations out of the tables. Not here: what
is sensitive (`exports.disclosure`) or what follows from what (`exports.margins`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from exports.margins import Node, Relation, relation

TOTAL = Node("total", "total")
PLACED = Node("placed", "placed")
TYPE_COLUMNS = ("label_da", "label_en", "category", "parent_function")

Frames = Mapping[str, pd.DataFrame]
Table = Mapping[str, Any]
TypeInfo = dict[str, Any]
YearNode = tuple[int, Node]


def presence_of(outturn: pd.DataFrame | None) -> dict[int, dict[Node, bool]]:
    """Per year the tree's nodes, and whether persons are known behind them.

    A forecast of a series that rests on three children is about those three children: where a year
    has amounts but no persons, the last year with persons decides.
    """
    found: dict[int, dict[Node, bool]] = {}
    if outturn is not None:
        children = pd.to_numeric(outturn["children"]).fillna(0)
        rows = zip(outturn["year"], outturn["level"], outturn["key"], children > 0, strict=True)
        for year, level, key, is_present in rows:
            found.setdefault(int(year), {})[Node(str(level), str(key))] = bool(is_present)
    return found


def year_nodes(frame: pd.DataFrame, table: Table, current: int | None) -> Iterator[YearNode]:
    """Each row's node with its year, in the order of the rows."""
    yield from zip(years_of(frame, table, current), nodes_of(frame, table), strict=True)


def years_of(frame: pd.DataFrame, table: Table, current: int | None) -> list[int]:
    """Each row's year; the current year for tables about it alone."""
    if table["time"] == "current_year":
        return [current or 0] * len(frame)
    column = frame[table["time"]]
    years = pd.to_datetime(column).dt.year if table["time"] == "month" else column
    return [int(str(year)) for year in years]


def nodes_of(frame: pd.DataFrame, table: Table) -> list[Node]:
    """Each row's node, in the order of the rows."""
    keys = [str(key) for key in list(frame[table["key"]])]
    if "level" in table:
        levels = list(frame[table["level"]])
        return [Node(str(level), key) for level, key in zip(levels, keys, strict=True)]
    if "sector" in table:
        sectors = list(frame[table["sector"]])
        return [sector_node(key, str(name)) for key, name in zip(keys, sectors, strict=True)]
    return [type_node(key) for key in keys]


def sector_node(key: str, sector: str) -> Node:
    """A measure type's sector; the sector `total` is the measure type itself."""
    return type_node(key) if sector == "total" else Node("sector", f"{key}|{sector}")


def type_node(key: str) -> Node:
    """A measure type."""
    return Node("measure_type", key)


def relations_of(frames: Frames, placements: Table, year: int) -> list[Relation]:
    """What adds up to what in a year, over all tables that are published together."""
    types = types_of(frames, year)
    relations: list[Relation] = []
    outturn = frames.get("rpt_outturn")
    if outturn is not None:
        rows = outturn[outturn["year"] == year]
        functions = [
            Node("function", str(key)) for key in rows.loc[rows["level"] == "function", "key"]
        ]
        relations.append(relation(TOTAL, functions))
        for function in functions:
            home = [
                type_node(key)
                for key, entry in types.items()
                if entry["parent_function"] == function.key
            ]
            if home:
                relations.append(relation(function, home))
        flat = [type_node(str(key)) for key in rows.loc[rows["level"] == "measure_type", "key"]]
        relations.append(relation(TOTAL, flat))
    sectors = sectors_of(frames, year)
    relations += [relation(node, sorted(parts)) for node, parts in sectors.items()]
    relations += _composition_relations(frames, year)
    relations += _placement_relations(frames, placements, types, sectors)
    return [entry for entry in relations if len(entry) > 1]


def _composition_relations(frames: Frames, year: int) -> list[Relation]:
    """A volume effect tells how the full-year persons of its whole category grew: their sum."""
    variance = frames.get("rpt_variance")
    if variance is None:
        return []
    rows = variance[(variance["year"] == year) & (variance["sector"] == "total")]
    planned = pd.to_numeric(rows["planned_full_year_persons"]).notna()
    in_plan = rows[planned | (pd.to_numeric(rows["budget_amount"]) == 0)]
    return [
        {type_node(str(key)): 1 for key in types["measure_type"]}
        for _, types in in_plan.groupby("category")
    ]


def _placement_relations(
    frames: Frames,
    placements: Table,
    types: Mapping[str, TypeInfo],
    sectors: Mapping[Node, frozenset[Node]],
) -> list[Relation]:
    if placements["table"] not in frames:
        return []
    placed = [key for key, entry in types.items() if entry["category"] == placements["category"]]
    relations: list[Relation] = [relation(PLACED, [type_node(key) for key in placed])]
    for column, parts in placements["shares"].items():
        if "types" in parts:
            members = [type_node(key) for key in placed if key in parts["types"]]
        elif "sector" not in parts:
            continue
        else:
            all_parts = {node for key in placed for node in sectors.get(type_node(key), ())}
            members = sorted(node for node in all_parts if node.key.endswith(f"|{parts['sector']}"))
        relations.append(relation(Node("share", column), members))
    return relations


def types_of(frames: Frames, year: int | None = None) -> dict[str, TypeInfo]:
    """Every measure type that a table names (in a year), with its labels and home function."""
    found: dict[str, TypeInfo] = {}
    for name, key in (("rpt_outturn", "key"), ("rpt_activity_year", "measure_type")):
        frame = frames.get(name)
        if frame is None:
            continue
        rows = frame[frame["level"] == "measure_type"] if "level" in frame else frame
        if year is not None:
            rows = rows[rows["year"] == year]
        for row in rows.reindex(columns=[key, *TYPE_COLUMNS]).itertuples(index=False):
            info = dict(zip(TYPE_COLUMNS, row[1:], strict=True))
            found.setdefault(str(row[0]), info)
    return found


def sectors_of(frames: Frames, year: int) -> dict[Node, frozenset[Node]]:
    """The sectors that a measure type shows in a year."""
    found: dict[Node, set[Node]] = {}
    tables = {"rpt_activity_month": "month", "rpt_order_plan": "year", "rpt_variance": "year"}
    for name, time in tables.items():
        frame = frames.get(name)
        if frame is None or frame.empty:
            continue
        years = pd.to_datetime(frame[time]).dt.year if time == "month" else frame[time]
        rows = frame[(years == year) & (frame["sector"] != "total")]
        for key, sector in set(zip(rows["measure_type"], rows["sector"], strict=True)):
            found.setdefault(type_node(str(key)), set()).add(sector_node(str(key), str(sector)))
    return {node: frozenset(parts) for node, parts in found.items()}


def sizes_of(frames: Frames) -> dict[YearNode, float]:
    """How much a node shows: DKK for tree nodes, full-year persons for sectors."""
    sizes: dict[YearNode, float] = {}
    outturn = frames.get("rpt_outturn")
    if outturn is not None:
        amounts = outturn[["actual_to_date", "mean"]].apply(pd.to_numeric).abs().max(axis=1)
        nodes = zip(outturn["year"], outturn["level"], outturn["key"], strict=True)
        for (year, level, key), amount in zip(nodes, amounts.fillna(0.0), strict=True):
            sizes[(int(year), Node(str(level), str(key)))] = float(amount)
    activity = frames.get("rpt_activity_month")
    if activity is not None:
        years = pd.to_datetime(activity["month"]).dt.year
        persons = pd.to_numeric(activity["full_year_persons"]).fillna(0.0)
        keys = zip(years, activity["measure_type"], activity["sector"], persons, strict=True)
        for year, key, sector, size in keys:
            if sector != "total":
                node = (int(year), sector_node(str(key), str(sector)))
                sizes[node] = sizes.get(node, 0.0) + float(size)
    return sizes


def current_year(frames: Frames) -> int | None:
    """The run's current year, None without a run."""
    run = frames.get("rpt_run")
    return None if run is None or run.empty else int(run["current_year"].iloc[0])
