"""Disclosure control of flat tables: rows that rest on few persons, and rows that protect them.

Belongs here: tables whose rows stand side by side and add up within margins (a month's rows, a
team's rows). Not here: the tree total > function > measure type > sector (`exports.disclosure`),
and which tables there are (`disclosure_rules.yml`).

A reader may know the sum of every margin. One hidden row of a margin is then the sum less the
others, and two hidden rows of one child each tell together about two children. So a margin hides
no row, or at least two that rest on the threshold together. A row of no persons tells nothing about
anyone and protects nobody. Where a table has several margins, chains of subtractions across them
are looked for too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

import numpy as np
import pandas as pd


class FlatTable(TypedDict):
    """An entry of `flat` in the rules."""

    persons: str
    values: list[str]
    margin: NotRequired[list[str]]
    margins: NotRequired[list[list[str]]]
    dominance: NotRequired[list[str]]
    with_placed: NotRequired[str]


# A leverage is 1 exactly where a row follows from the sums; below it by at least 1 / rows else.
_CERTAIN = 1e-7


class DisclosureError(RuntimeError):
    """A table cannot be controlled as the rules say, so nothing may be published."""


@dataclass
class _Rows:
    """The table's rows by number: persons (nan: not known), hidden or not, and every margin."""

    persons: np.ndarray
    hidden: np.ndarray
    order: np.ndarray
    margins: Sequence[np.ndarray]
    members: list[dict[int, list[int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for groups in self.margins:
            found: dict[int, list[int]] = {}
            for row in self.order:
                found.setdefault(int(groups[row]), []).append(int(row))
            self.members.append(found)

    def around(self, row: int) -> Iterator[list[int]]:
        """The rows of each margin that a row stands in, the smallest first."""
        for groups, members in zip(self.margins, self.members, strict=True):
            yield members[int(groups[row])]

    def may_be_hidden(self, rows: Sequence[int]) -> Iterator[int]:
        """Published rows with persons, the smallest first."""
        return (row for row in rows if not self.hidden[row] and self.persons[row] > 0)


def control_flat(
    name: str, frame: pd.DataFrame, table: FlatTable, threshold: int, dominance: float
) -> pd.DataFrame:
    """The table with `values` and `persons` empty in hidden rows, and a boolean `suppressed`.

    A row is hidden that rests on fewer than `threshold` persons, whose persons are not known, or
    where one person stands for more than `dominance` of an amount; and what else its margins
    need. Columns of `dominance` are emptied everywhere. Rows that are suppressed already stay so,
    and running it on its own result changes nothing. Raises DisclosureError for a missing column.
    """
    _require(name, frame, table)
    result = frame.copy()
    before = pd.Series(False, index=frame.index)
    if "suppressed" in frame:
        before = frame["suppressed"].fillna(False).astype(bool)
    persons = _numbers(frame[table["persons"]])
    few = persons.isna() | ((persons > 0) & (persons < threshold))
    for column in table.get("dominance", []):
        few |= (_numbers(frame[column]) > dominance) & (persons > 0)
    few &= ~before
    hidden = (before | few).to_numpy(dtype=bool, copy=True)
    if few.any():
        rows = _Rows(
            persons.to_numpy(), hidden, _smallest_first(frame, table), _groups(table, frame)
        )
        sensitive = few.to_numpy(dtype=bool)
        _protect(rows, [int(row) for row in rows.order if sensitive[row]], threshold)
    result["suppressed"] = hidden
    for column in {*table["values"], table["persons"]}:
        result[column] = _emptied(frame[column], hidden)
    for column in table.get("dominance", []):
        result[column] = _emptied(frame[column], np.ones(len(frame), dtype=bool))
    return result


def margins_of(table: FlatTable) -> list[list[str]]:
    """The table's margins, each as its columns: `margins`, or the one `margin`."""
    return [list(margin) for margin in table.get("margins", [table.get("margin", [])])]


def columns_of(table: FlatTable) -> set[str]:
    """Every column that the rules name."""
    named = {table["persons"], *table["values"], *table.get("dominance", [])}
    named |= {table["with_placed"], "month"} if "with_placed" in table else set()
    return named.union(*margins_of(table))


def _require(name: str, frame: pd.DataFrame, table: FlatTable) -> None:
    missing = sorted(columns_of(table) - set(frame.columns))
    if missing:
        raise DisclosureError(
            f"{name} has no column {', '.join(missing)}, which exports/disclosure_rules.yml names;"
            " correct the entry, or the table"
        )


def _smallest_first(frame: pd.DataFrame, table: FlatTable) -> np.ndarray:
    """Row numbers by persons; among equals by what the row is, not by where it stands."""
    told = {table["persons"], *table["values"], *table.get("dominance", []), "suppressed"}
    names = [column for column in frame.columns if column not in told]
    keys = pd.DataFrame({column: frame[column].astype(str) for column in names})
    keys.insert(0, " persons", _numbers(frame[table["persons"]]))
    keys = keys.reset_index(drop=True)
    return keys.sort_values(list(keys.columns), kind="stable").index.to_numpy()


def _groups(table: FlatTable, frame: pd.DataFrame) -> list[np.ndarray]:
    """For each margin the number of the sum that a row belongs to."""
    return [
        frame.groupby(margin, dropna=False, sort=False).ngroup().to_numpy()
        if margin
        else np.zeros(len(frame), dtype=int)
        for margin in margins_of(table)
    ]


def _protect(rows: _Rows, touched: list[int], threshold: int) -> None:
    """Hide what the hidden rows of every margin need, until no margin needs more.

    Where a margin has no row left to hide, its own sum is about those few persons: it is for the
    table that shows the sum to hide it.
    """
    while touched:
        groups = {id(group): group for row in touched for group in rows.around(row)}
        touched = [new for group in groups.values() for new in _fill(rows, group, threshold)]
        if not touched and len(rows.margins) > 1:
            touched = _break_chains(rows)


def _fill(rows: _Rows, group: Sequence[int], threshold: int) -> list[int]:
    """The rows of a margin hidden beside those that are, the smallest first."""
    behind = [rows.persons[row] for row in group if rows.hidden[row]]
    count, persons = len(behind), float(np.nansum(behind))
    new: list[int] = []
    for row in rows.may_be_hidden(group):
        if count > 1 and persons >= threshold:
            break
        rows.hidden[row] = True
        new.append(row)
        count, persons = count + 1, persons + float(rows.persons[row])
    return new


def _break_chains(rows: _Rows) -> list[int]:
    """One more row for each hidden one that follows from the sums of several margins."""
    new: list[int] = []
    for row in _exposed(rows):
        for group in rows.around(row):
            candidate = next(rows.may_be_hidden(group), None)
            if candidate is not None:
                rows.hidden[candidate] = True
                new.append(candidate)
                break
    return new


def _exposed(rows: _Rows) -> list[int]:
    """The hidden rows that the margins' sums determine, the smallest first.

    A row is determined exactly when its unit vector lies in the row space of the margins over the
    hidden rows, that is when its leverage is 1. Margins without a hidden row in common are taken
    apart, so that the matrices stay small.
    """
    hidden = [int(row) for row in rows.order if rows.hidden[row]]
    found: set[int] = set()
    for part in _connected(rows, hidden):
        sums: dict[tuple[int, int], int] = {}
        places = [
            [sums.setdefault((at, int(groups[row])), len(sums)) for row in part]
            for at, groups in enumerate(rows.margins)
        ]
        matrix = np.zeros((len(sums), len(sums)))
        for one in places:
            for other in places:
                np.add.at(matrix, (one, other), 1.0)
        inverse = np.linalg.pinv(matrix, hermitian=True)
        leverage = sum(inverse[one, other] for one in places for other in places)
        found |= {
            row
            for row, value in zip(part, np.atleast_1d(leverage), strict=True)
            if value > 1 - _CERTAIN
        }
    return [row for row in hidden if row in found]


def _connected(rows: _Rows, hidden: Sequence[int]) -> list[list[int]]:
    """The hidden rows in sets that share no margin's sum."""
    home: dict[tuple[int, int], tuple[int, int]] = {}

    def root(place: tuple[int, int]) -> tuple[int, int]:
        home.setdefault(place, place)
        while home[place] != place:
            home[place] = home[home[place]]
            place = home[place]
        return place

    for row in hidden:
        first, *others = [(at, int(groups[row])) for at, groups in enumerate(rows.margins)]
        for other in others:
            home[root(other)] = root(first)
    parts: dict[tuple[int, int], list[int]] = {}
    for row in hidden:
        parts.setdefault(root((0, int(rows.margins[0][row]))), []).append(row)
    return list(parts.values())


def _numbers(values: pd.Series) -> pd.Series:
    return pd.to_numeric(values).astype("float64")


def _emptied(values: pd.Series, hidden: np.ndarray) -> pd.Series:
    """Numbers as floats, dates and texts as they are; empty where hidden."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.where(~hidden)
    numbers = pd.to_numeric(values, errors="coerce")
    # An empty column of objects may be one of dates: it stays what it is.
    empty = values.dtype == object and values.isna().all()
    if empty or numbers.notna().sum() < values.notna().sum():
        return values.astype(object).where(~hidden, None)
    return numbers.astype("float64").where(~hidden)
