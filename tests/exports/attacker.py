"""An attacker on published tables: who knows every published number and what adds up to what.

Belongs here: the reconstruction, written without the code of disclosure control. Not here:
assertions. A cell can be worked out exactly when it is constant over all solutions of the additive
relations; a row that is not in a table is known to be zero.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from tests.exports.sample_reference import TYPES

Cell = tuple[object, ...]
Equation = Mapping[Cell, float]
FOSTER = ("1", "22", "23", "24", "25", "26")


def worked_out(equations: Iterable[Equation], hidden: set[Cell]) -> set[Cell]:
    """The hidden cells that the equations and all other cells determine."""
    unknown = [
        {cell: factor for cell, factor in equation.items() if cell in hidden and factor}
        for equation in equations
    ]
    return {cell for together in _connected(unknown) for cell in _determined(together)}


def _connected(equations: Iterable[Equation]) -> Iterator[list[Equation]]:
    """The equations by what they share: those of one month tell nothing about another."""
    of_cell: dict[Cell, list[Equation]] = {}
    for equation in equations:
        if equation:
            group = [equation]
            for known in {
                id(of_cell[cell]): of_cell[cell] for cell in equation if cell in of_cell
            }.values():
                group += known
            of_cell |= {cell: group for one in group for cell in one}
    yield from {id(group): group for group in of_cell.values()}.values()


def _determined(equations: Sequence[Equation]) -> set[Cell]:
    """The cells that are constant over all solutions."""
    cells = sorted({cell for equation in equations for cell in equation}, key=str)
    column = {cell: number for number, cell in enumerate(cells)}
    rows = np.zeros((len(equations), len(cells)))
    for row, equation in zip(rows, equations, strict=True):
        for cell, factor in equation.items():
            row[column[cell]] = factor
    _, values, vectors = np.linalg.svd(rows)
    free = vectors[int((values > 1e-9).sum()) :]
    fixed = np.abs(free).max(axis=0, initial=0.0) < 1e-9
    return {cell for cell, is_fixed in zip(cells, fixed, strict=True) if is_fixed}


def attack_amounts(frames: Mapping[str, pd.DataFrame], column: str, yearly: str) -> set[Cell]:
    """Cells of `column` (months) and `yearly` (rpt_outturn) that can be worked out."""
    months, years = frames["rpt_expenditure_month"], frames["rpt_outturn"]
    if column == "actual":
        # A year that has not begun has no actual: that it is zero tells nothing.
        years = years[years["year"] <= months.loc[months["is_complete"], "month"].max().year]
    shown = months[months["is_complete"]] if column == "actual" else months[~months["is_complete"]]
    hidden = {
        (row.level, row.key, row.month)
        for row in shown[shown[column].isna()].itertuples(index=False)
    }
    hidden |= {
        (row.level, row.key, row.year)
        for row in years[years[yearly].isna()].itertuples(index=False)
    }
    periods = [*shown["month"].unique(), *years["year"].unique()]
    equations = [equation for period in periods for equation in _tree(years, period)]
    if column == "actual":
        equations += [
            {(row.level, row.key, row.year): -1.0}
            | {
                (row.level, row.key, month): 1.0
                for month in shown["month"].unique()
                if month.year == row.year
            }
            for row in years.itertuples(index=False)
        ]
    return worked_out(equations, hidden)


def _tree(years: pd.DataFrame, period: object) -> list[Equation]:
    nodes = years[["level", "key", "parent_function"]].drop_duplicates()
    functions = nodes.loc[nodes["level"] == "function", "key"]
    types = nodes[nodes["level"] == "measure_type"]
    total = ("total", "total", period)
    found: list[Equation] = [
        {total: -1.0} | {("function", key, period): 1.0 for key in functions},
        {total: -1.0} | {("measure_type", key, period): 1.0 for key in types["key"]},
    ]
    for function in functions:
        home = types.loc[types["parent_function"] == function, "key"]
        if len(home):
            parts = {("measure_type", key, period): 1.0 for key in home}
            found.append({("function", function, period): -1.0} | parts)
    return found


def attack_children(frames: Mapping[str, pd.DataFrame]) -> set[Cell]:
    """Cells of children per month, type and sector, and of the placement table's parts."""
    activity = frames["rpt_activity_month"]
    activity = activity[activity["is_complete"]]
    placement = frames["rpt_placement_month"]
    hidden: set[Cell] = {
        (row.measure_type, row.sector, row.month)
        for row in activity[activity["children"].isna()].itertuples(index=False)
    }
    present = set(zip(activity["measure_type"], activity["sector"], activity["month"], strict=True))
    equations: list[Equation] = []
    for month in placement["month"]:
        for key in TYPES:
            sectors = {(key, "internal", month): 1.0, (key, "external", month): 1.0}
            equations.append(sectors | {(key, "total", month): -1.0})
        row = placement[placement["month"] == month].iloc[0]
        for part, members in _parts(month).items():
            cells = {cell: 1.0 for cell in members if cell in present}
            # A part without any row is zero and known to be: nobody is behind it.
            if cells:
                equations.append(cells | {(part, month): -1.0})
                hidden |= {(part, month)} if pd.isna(row[part]) else set()
    return worked_out(equations, hidden)


def attack_variance(frames: Mapping[str, pd.DataFrame]) -> set[Cell]:
    """Full-year persons of types and sectors that rpt_variance tells without showing them.

    A volume effect gives the growth of its category; volume and mix of a type, with its sectors'
    planned prices, give what its sectors add up to at those prices.
    """
    variance = frames["rpt_variance"]
    hidden: set[Cell] = {
        (row.measure_type, row.sector)
        for row in variance[variance["full_year_persons"].isna()].itertuples(index=False)
    }
    types = variance[variance["sector"] == "total"]
    equations: list[Equation] = [
        {(key, "total"): 1.0 for key in group["measure_type"]}
        for category, group in types.groupby("category")
        if variance.loc[variance["category"] == category, "volume_effect"].notna().any()
    ]
    for row in types.itertuples(index=False):
        parts = variance[
            (variance["measure_type"] == row.measure_type) & (variance["sector"] != "total")
        ]
        sectors = {(row.measure_type, sector): 1.0 for sector in parts["sector"]}
        # A hidden row that publishing added tells of nobody.
        if sectors:
            equations.append(sectors | {(row.measure_type, "total"): -1.0})
        if pd.notna(row.mix_effect) or pd.notna(row.price_effect):
            prices = zip(parts["sector"], parts["planned_unit_price"], strict=True)
            equations.append({(row.measure_type, sector): price for sector, price in prices})
    return worked_out(equations, hidden)


def _parts(month: pd.Timestamp) -> dict[str, list[Cell]]:
    placed = [key for key, spec in TYPES.items() if spec.category == "placement"]
    return {
        "children_placed": [(key, "total", month) for key in placed],
        "share_foster": [(key, "total", month) for key in FOSTER],
        "share_network": [("1", "total", month)],
        "share_internal": [(key, "internal", month) for key in placed],
    }
