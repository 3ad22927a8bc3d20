"""The semantic model of the project, in the words of Power BI: tables, columns, DAX, M.

What belongs here: names, types, what is shown and how it is read. What does not: how a model is
written down (exports.powerbi.tmdl), which tables there are (star.yml).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from exports.powerbi.star import Star, StarTable
from exports.semantics import SemanticLayer

MEASURES = "Nøgletal"
"""The table that measures lie in."""

_TYPES = {"varchar": "string", "boolean": "boolean", "date": "dateTime", "timestamp": "dateTime"}
_WHOLE = ("integer", "bigint")
# Power BI's fixed decimal has four decimals; what has more is a floating number.
_MONEY = re.compile(r"decimal\(\d+,([0-4])\)")
_M_TYPES = {
    "string": "type text",
    "boolean": "type logical",
    "int64": "Int64.Type",
    "decimal": "Currency.Type",
    "double": "type number",
    "date": "type date",
}
_COLUMN = re.compile(r"\b((?:fct|dim|rpt)_\w+)\[(\w+)\]")
_TABLE = re.compile(r"\b(?:fct|dim|rpt)_\w+")
_MEASURE = re.compile(r"(?<![\w'])\[([^\]]+)\]")
_TEXT = re.compile(r'("[^"]*")')


class PowerBIError(ValueError):
    """The project cannot be written: a name is missing or is used twice."""


@dataclass(frozen=True)
class Words:
    """What dbt says of a published column: Danish label, description and data type."""

    label: str
    description: str
    type: str


@dataclass(frozen=True)
class Column:
    """A column: `source` is its name in the published table, `type` as TMDL writes it."""

    name: str
    source: str
    description: str
    type: str
    format: str
    hidden: bool
    key: bool
    sort_by: str | None


@dataclass(frozen=True)
class Table:
    """A table with its hierarchies (columns in published names) and the M that reads it."""

    name: str
    source: str
    description: str
    columns: tuple[Column, ...]
    drill: Mapping[str, tuple[str, ...]]
    m: str
    is_calendar: bool

    def column(self, source: str) -> Column:
        """The column of that name in the published table."""
        return next(column for column in self.columns if column.source == source)


@dataclass(frozen=True)
class ModelMeasure:
    """A measure: `source` is its name in the semantic layer, `dax` is in the model's names."""

    name: str
    source: str
    description: str
    dax: str
    format: str
    folder: str


@dataclass(frozen=True)
class Joined:
    """Many `table`[`column`] to one `other`[`key`]; `source` says it in published names."""

    table: str
    column: str
    other: str
    key: str
    source: str


@dataclass(frozen=True)
class Model:
    """The whole model. `role` is the role's condition by table, `access` its table of persons."""

    tables: tuple[Table, ...]
    measures: tuple[ModelMeasure, ...]
    relationships: tuple[Joined, ...]
    role: Mapping[str, str]
    role_name: str
    access: Table

    def table(self, source: str) -> Table:
        """The table that reads a published table."""
        return next(table for table in self.tables if table.source == source)

    def measure(self, source: str) -> ModelMeasure:
        """The measure of that name in the semantic layer, or of the star's texts."""
        return next(measure for measure in self.measures if measure.source == source)


def build_model(
    star: Star, layer: SemanticLayer, words: Mapping[str, Mapping[str, Words]]
) -> Model:
    """The model of a star, with every measure of the layer. Raises PowerBIError for a name's fault.

    `words` are dbt's by table and column.
    """
    used = _used(star, layer)
    tables = tuple(_table(table, star, used[name], words) for name, table in star.tables.items())
    by_source = {table.source: table for table in tables}
    names = {measure.name: measure.label["da"] for measure in layer.measures.values()}
    names |= {measure.name: measure.name for measure in star.texts}

    def danish(dax: str) -> str:
        return _danish(dax, by_source, names)

    measures = [
        ModelMeasure(
            measure.label["da"],
            measure.name,
            measure.description,
            danish(measure.dax),
            measure.format,
            measure.folder["da"],
        )
        for measure in layer.measures.values()
    ]
    measures += [
        ModelMeasure(
            item.name, item.name, item.description, danish(item.dax), item.format, item.folder
        )
        for item in star.texts
    ]
    _unique([measure.name for measure in measures], "measures")
    _unique([table.name for table in tables], "tables")
    return Model(
        tables=tables,
        measures=tuple(measures),
        relationships=tuple(
            Joined(
                by_source[join.table].name,
                by_source[join.table].column(join.column).name,
                by_source[join.other].name,
                by_source[join.other].column(join.key).name,
                f"{join.table}.{join.column}/{join.other}.{join.key}",
            )
            for join in star.relationships
        ),
        role=_role(star, by_source),
        role_name=star.role.name,
        access=_access(star),
    )


def _used(star: Star, layer: SemanticLayer) -> dict[str, set[str]]:
    """The columns of each table that relationships, measures and readers need."""
    used: dict[str, set[str]] = {name: set(table.show) for name, table in star.tables.items()}
    for join in star.relationships:
        used[join.table].add(join.column)
        used[join.other].add(join.key)
    expressions = [measure.dax for measure in layer.measures.values()]
    for dax in [*expressions, *(item.dax for item in star.texts)]:
        for table, column in _COLUMN.findall(dax):
            used[table].add(column)
    return used


def _table(
    table: StarTable, star: Star, used: set[str], words: Mapping[str, Mapping[str, Words]]
) -> Table:
    known = words[table.source] if table.source else {}
    names = table.columns or tuple(name for name in [*known, *table.added] if name in used)
    keys = {join.key for join in star.relationships if join.other == table.name}
    one = next(iter(keys)) if len(keys) == 1 else None
    columns = []
    for name in names:
        said = known.get(name, Words(table.call.get(name, name), "", "varchar"))
        added = table.added.get(name)
        kind = added.type if added else _type(said.type)
        shown = name in table.show or not (
            table.is_fact or name.endswith("_key") or name.startswith("month_number")
        )
        columns.append(
            Column(
                name=table.call.get(name, name if added else said.label),
                source=name,
                description=said.description,
                type="dateTime" if kind == "date" else kind,
                format=_format(name, kind, said.type),
                hidden=not shown,
                key=name == one,
                sort_by=table.sort.get(name),
            )
        )
    _unique([column.name for column in columns], table.name)
    named = {column.source: column.name for column in columns}
    columns = [
        Column(**{**vars(column), "sort_by": named[column.sort_by] if column.sort_by else None})
        for column in columns
    ]
    return Table(
        name=table.label,
        source=table.name,
        description=f"{table.schema}.{table.source}" if table.source else "",
        columns=tuple(columns),
        drill=table.drill,
        m=_m(table, columns),
        is_calendar=table.name == "dim_date",
    )


def _type(data_type: str) -> str:
    if data_type in _WHOLE:
        return "int64"
    if data_type.startswith("decimal"):
        return "decimal" if _MONEY.fullmatch(data_type) else "double"
    return _TYPES[data_type]


def _format(name: str, kind: str, data_type: str) -> str:
    if name == "month":
        return "MMM yyyy"
    if data_type == "timestamp":
        return "dd-MM-yyyy HH:mm"
    if kind in ("date", "dateTime"):
        return "dd-MM-yyyy"
    return {"int64": "0", "decimal": "#,0.00", "double": "#,0.0"}.get(kind, "")


def _m(table: StarTable, columns: list[Column]) -> str:
    """The Power Query of a table: read, filtered, added to, and cut to the model's columns."""
    if not table.source:
        fields = ", ".join(f"{column.source} = text" for column in columns)
        rows = ", ".join("{" + ", ".join(f'"{cell}"' for cell in row) + "}" for row in table.rows)
        return f"#table(type table [{fields}], {{{rows}}})"
    steps = [
        (
            "Laest",
            'if Kilde = "PostgreSQL" then PostgreSQL.Database(Server, Database)'
            f'{{[Schema = "{table.schema}", Item = "{table.source}"]}}[Data] else '
            f'Parquet.Document(File.Contents(DataMappe & "{table.source}.parquet"))',
        )
    ]
    if table.filter_m:
        steps.append(("Filtreret", f"Table.SelectRows({steps[-1][0]}, each {table.filter_m})"))
    for name, added in table.added.items():
        kind = _M_TYPES[added.type]
        before = steps[-1][0]
        steps.append(
            (f"Med_{name}", f'Table.AddColumn({before}, "{name}", each {added.m}, {kind})')
        )
    if table.key:
        order = f'Table.Sort({steps[-1][0]}, {{{{"{table.newest}", Order.Descending}}}})'
        steps.append(("Nyeste", f'Table.Distinct(Table.Buffer({order}), {{"{table.key}"}})'))
    chosen = ", ".join(f'"{column.source}"' for column in columns)
    steps.append(("Valgt", f"Table.SelectColumns({steps[-1][0]}, {{{chosen}}})"))
    types = ", ".join(f'{{"{column.source}", {_m_type(column)}}}' for column in columns)
    steps.append(("Typer", f"Table.TransformColumnTypes({steps[-1][0]}, {{{types}}})"))
    lines = ",\n".join(f"    {name} = {step}" for name, step in steps)
    return f"let\n{lines}\nin\n    {steps[-1][0]}"


def _m_type(column: Column) -> str:
    if column.type == "dateTime":
        return "type datetime" if "HH" in column.format else "type date"
    return _M_TYPES[column.type]


def _danish(dax: str, tables: Mapping[str, Table], measures: Mapping[str, str]) -> str:
    """DAX in the names of the model; what stands in quotes stays."""

    def table(match: re.Match[str]) -> str:
        return quoted(tables[match[0]].name)

    def measure(match: re.Match[str]) -> str:
        return f"[{measures[match[1]].replace(']', ']]')}]"

    def column(match: re.Match[str]) -> str:
        name = tables[match[1]].column(match[2]).name.replace("]", "]]")
        return f"{quoted(tables[match[1]].name)}[{name}]"

    def written(text: str) -> str:
        parts, at = [], 0
        for match in _COLUMN.finditer(text):
            parts += [_TABLE.sub(table, _MEASURE.sub(measure, text[at : match.start()]))]
            parts += [column(match)]
            at = match.end()
        return "".join([*parts, _TABLE.sub(table, _MEASURE.sub(measure, text[at:]))])

    return "".join(
        part if part.startswith('"') else written(part) for part in _TEXT.split(dax.strip())
    )


def quoted(name: str) -> str:
    """A table's name as DAX writes it."""
    return "'" + name.replace("'", "''") + "'"


def _access(star: Star) -> Table:
    """The table of persons and teams, empty where the municipality has not written its file."""
    empty = "#table(type table [bruger = text, team = text], {})"
    m = (
        "let\n"
        f'    Fil = Csv.Document(File.Contents(DataMappe & "{star.role.file}"),'
        ' [Delimiter = ";", Encoding = 65001]),\n'
        "    Rækker = Table.PromoteHeaders(Fil),\n"
        f'    Valgt = try Table.SelectColumns(Rækker, {{"bruger", "team"}}) otherwise {empty},\n'
        "    Typer = Table.TransformColumnTypes("
        'Valgt, {{"bruger", type text}, {"team", type text}})\n'
        "in\n    Typer"
    )
    columns = tuple(
        Column(label, source, "", "string", "", hidden=True, key=False, sort_by=None)
        for label, source in (("Bruger", "bruger"), ("Team", "team"))
    )
    said = f"Hvem der ser hvilke team: {star.role.file} i datamappen."
    return Table(star.role.access, star.role.access, said, columns, {}, m, is_calendar=False)


def _role(star: Star, tables: Mapping[str, Table]) -> dict[str, str]:
    """The role's condition on each table that it restricts."""
    access = quoted(star.role.access)
    mine = f"{access}[Bruger] = USERPRINCIPALNAME()"
    table, column = star.role.team
    team = tables[table]
    condition = (
        f"{quoted(team.name)}[{team.column(column).name}]"
        f" IN CALCULATETABLE(VALUES({access}[Team]), {mine})"
    )
    denied = {tables[name].name: "FALSE()" for name in star.role.denied}
    return {team.name: condition, star.role.access: mine, **denied}


def _unique(names: list[str], where: str) -> None:
    twice = sorted({name for name in names if _count(names, name) > 1})
    if twice:
        raise PowerBIError(f"{where}: used twice: {', '.join(twice)}; give another label_da")


def _count(names: list[str], name: str) -> int:
    # Power BI tells no difference between capital and small letters.
    return sum(1 for other in names if other.casefold() == name.casefold())


def all_tables(model: Model) -> Iterator[Table]:
    """The model's tables and the role's."""
    yield from model.tables
    yield model.access
