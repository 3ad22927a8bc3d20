"""The semantic layer: every measure once, with its words, format, DAX twin and SQL over `marts`.

What belongs here: the declared shape of `semantic_layer.json`, reading and writing it, and the SQL
of a measure for any of its dimensions. What does not: defining a measure
(dbt_project/models/semantic), and reading dbt's manifest (orchestration.semantic_layer).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

NAME = "semantic_layer.json"
PACKAGED = Path(__file__).parent / NAME
"""The copy that labels are read from; `make semantics` makes it, a test holds it to the project."""

GOOD_DIRECTIONS = ("up", "down", "none")

_AGGREGATIONS = {
    "sum": "sum({})",
    "count": "count({})",
    "count_distinct": "count(distinct {})",
    "average": "avg({})",
    "min": "min({})",
    "max": "max({})",
    "sum_boolean": "sum(case when {} then 1 else 0 end)",
}
TIME = "in_"
"""How dimensions of time are called: dbt reserves `year` and `month`."""

AGGREGATIONS = tuple(_AGGREGATIONS)
_NUMBER = "decimal(28, 8)"
_WORD = re.compile(r"\w+")
_JOINED = re.compile(r"\b(\w+?)__\w+")


class SemanticsError(ValueError):
    """A measure is asked for by what it has not, or the file is not one of ours."""


@dataclass(frozen=True)
class Join:
    """A dimension's table: `foreign_key` of the facts is its `key`; `columns` by dimension name."""

    table: str
    key: str
    foreign_key: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Aggregate:
    """One aggregate over one table.

    `dimensions` are the facts' own (SQL by name), `joins` by entity, `filters` SQL conditions in
    those names. `at` is the time dimension of which one value counts where it is not grouped by:
    the last (`max`) or the first (`min`) of the year. `at_filters` are the dimensions whose filters
    decide which value that is; the others only choose rows at it.
    `levels` names, for a table that holds several levels, the dimensions that each is read by.
    """

    table: str
    aggregation: str
    value: str
    dimensions: Mapping[str, str]
    filters: tuple[str, ...] = ()
    joins: Mapping[str, Join] = field(default_factory=dict)
    at: Mapping[str, str] = field(default_factory=dict)
    at_filters: tuple[str, ...] = ()
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def by(self) -> set[str]:
        """The dimensions that it can be grouped by."""
        joined = {name for join in self.joins.values() for name in join.columns}
        return set(self.dimensions) | joined

    def sql(self, by: Sequence[str]) -> str:
        """A query with the columns `by` and `result`, one row per group."""
        conditions = [*self.filters, *self._level(by)]
        needed = [*by, *self._entities(conditions, by)]
        source = self._facts(needed, conditions)
        for name, choice in self.at.items():
            if name not in by:
                conditions.append(self._one_value(name, choice, conditions, by))
        result = _AGGREGATIONS[self.aggregation].format("value")
        columns = ", ".join([*by, f"{result} as result"])
        return f"select {columns} from {source}{_where(conditions)}{_group(by)}"

    def _one_value(
        self, name: str, choice: str, conditions: Sequence[str], by: Sequence[str]
    ) -> str:
        """Only that value of the time dimension counts, in each year where years are told apart."""
        deciding = [text for text in conditions if set(_WORD.findall(text)) & set(self.at_filters)]
        groups = [group for group in by if group in self.dimensions and group.startswith(TIME)]
        facts = self._facts([name, *groups], deciding)
        chosen = f"select {choice}({name}) from {facts}{_where(deciding)}{_group(groups)}"
        return f"{name} in ({chosen})"

    def _entities(self, conditions: Sequence[str], by: Sequence[str]) -> list[str]:
        named = [name for text in [*conditions, *by] for name in _JOINED.findall(text)]
        return [name for name in dict.fromkeys(named) if name in self.joins]

    def _facts(self, needed: Sequence[str], conditions: Sequence[str]) -> str:
        """The facts with the value and the dimensions named, the needed tables joined."""
        words = set(_WORD.findall(" ".join([*needed, *self.at, *conditions])))
        own = {name: text for name, text in self.dimensions.items() if name in words}
        columns = {"value": self.value, **own}
        entities = self._entities(conditions, needed)
        entities += [name for name in needed if name in self.joins and name not in entities]
        columns |= {f"{name}_key": self.joins[name].foreign_key for name in entities}
        written = ", ".join(
            text if text == name else f"{text} as {name}" for name, text in columns.items()
        )
        source = f"(select {written} from marts.{self.table}) as facts"
        for name in entities:
            join = self.joins[name]
            fields = ", ".join(f"{text} as {column}" for column, text in join.columns.items())
            source += (
                f" left join (select {join.key} as joined_key, {fields} from marts.{join.table})"
                f" as {name} on facts.{name}_key = {name}.joined_key"
            )
        return source

    def _level(self, by: Sequence[str]) -> list[str]:
        if not self.levels or "level" in by:
            return []
        told = {name for names in self.levels.values() for name in names}
        for level, names in self.levels.items():
            if set(names) == told & set(by):
                return [f"level = '{level}'"]
        raise SemanticsError(f"{self.table} has no level for {', '.join(by)}")


@dataclass(frozen=True)
class Measure:
    """A measure: words per language (`da`, `en`), format (as Power BI and Excel write it), SQL.

    `formula` is SQL over the names of `aggregates`. `dax` names other measures in brackets.
    """

    name: str
    label: Mapping[str, str]
    folder: Mapping[str, str]
    description: str
    unit: str
    format: str
    good_direction: str
    dax: str
    formula: str
    aggregates: Mapping[str, Aggregate]

    def by(self) -> set[str]:
        """The dimensions that all of its aggregates can be grouped by."""
        return set.intersection(*(aggregate.by() for aggregate in self.aggregates.values()))

    def sql(self, by: Sequence[str] = ()) -> str:
        """A query over `marts`: the columns `by` and one by the measure's name.

        Raises SemanticsError for a dimension that it does not have.
        """
        missing = [name for name in by if name not in self.by()]
        if missing:
            raise SemanticsError(
                f"{self.name} has no dimension {', '.join(missing)}; it has"
                f" {', '.join(sorted(self.by()))}"
            )
        columns = ", ".join([*by, f"{self.formula} as {self.name}"])
        return f"select {columns} from {self._parts(by)} as measured"

    def _parts(self, by: Sequence[str]) -> str:
        """A relation with the columns `by` and one for each aggregate, one row per group."""
        if len(self.aggregates) == 1:
            [(name, aggregate)] = self.aggregates.items()
            columns = ", ".join([*by, f"result as {name}"])
            return f"(select {columns} from ({aggregate.sql(by)}) as part)"
        parts = []
        for name, aggregate in self.aggregates.items():
            # One type for all: a union of decimals may round the finer to the coarser.
            columns = ", ".join([*by, f"'{name}' as part", f"cast(result as {_NUMBER}) as result"])
            parts.append(f"select {columns} from ({aggregate.sql(by)}) as part_{name}")
        # A part has one row per group, so the largest is its only value.
        values = [
            f"max(case when part = '{name}' then result end) as {name}" for name in self.aggregates
        ]
        united = " union all ".join(parts)
        return f"(select {', '.join([*by, *values])} from ({united}) as parts{_group(by)})"


@dataclass(frozen=True)
class SemanticLayer:
    """All measures, by name."""

    measures: Mapping[str, Measure]

    def write(self, path: Path) -> None:
        """Write the layer as JSON, each measure with its SQL for the whole (`sql`)."""
        content = [
            {**asdict(measure), "sql": measure.sql(), "dimensions": sorted(measure.by())}
            for measure in self.measures.values()
        ]
        text = json.dumps({"version": 1, "measures": content}, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


@cache
def read_semantics(path: Path = PACKAGED) -> SemanticLayer:
    """The semantic layer of a file. Raises SemanticsError where it is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        measures = [_measure(item) for item in content["measures"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SemanticsError(f"{path} is not a semantic layer: {error}") from error
    return SemanticLayer({measure.name: measure for measure in measures})


def _measure(item: Mapping[str, Any]) -> Measure:
    derived = {"sql", "dimensions", "aggregates"}
    plain = {name: value for name, value in item.items() if name not in derived}
    aggregates = {name: _aggregate(value) for name, value in item["aggregates"].items()}
    return Measure(**plain, aggregates=aggregates)


def _aggregate(item: Mapping[str, Any]) -> Aggregate:
    joins = {name: Join(**join) for name, join in item["joins"].items()}
    levels = {name: tuple(names) for name, names in item["levels"].items()}
    lists = {name: tuple(item[name]) for name in ("filters", "at_filters")}
    changed = {"joins": joins, "levels": levels, **lists}
    return Aggregate(**{**item, **changed})


def _where(conditions: Sequence[str]) -> str:
    return f" where {' and '.join(f'({text})' for text in conditions)}" if conditions else ""


def _group(by: Sequence[str]) -> str:
    return f" group by {', '.join(by)}" if by else ""
