"""The model as TMDL files: tabs for depth, `///` for descriptions, names with blanks in quotes.

What belongs here: how TMDL writes what the model has. What does not: what it has
(exports.powerbi.model).
"""

import re
import uuid
from collections.abc import Iterator, Mapping

from exports.powerbi.model import MEASURES, Model, ModelMeasure, Table, all_tables

# Every id is made of this and of what it is the id of, so that a new project has the same ones.
_NAMESPACE = uuid.UUID("5d1c6a0e-7d0f-4f6e-9b9a-6f1f0c1b2a3d")
_PLAIN = re.compile(r"[A-Za-z_ÆØÅæøåÉé][\wÆØÅæøå]*")


def stable_id(*parts: str) -> str:
    """A GUID that is the same each time for the same parts."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


def tmdl_files(model: Model, parameters: Mapping[str, str]) -> dict[str, str]:
    """The files of `definition/`, by path; `parameters` are the model's M parameters."""
    files = {
        "database.tmdl": "database\n\tcompatibilityLevel: 1601\n",
        "model.tmdl": _text(_model(model)),
        "relationships.tmdl": _text(_relationships(model)),
        "expressions.tmdl": _text(_expressions(parameters)),
        "cultures/da-DK.tmdl": "cultureInfo da-DK\n",
        f"roles/{model.role_name}.tmdl": _text(_role(model)),
        f"tables/{MEASURES}.tmdl": _text(_measure_table(model)),
    }
    for table in all_tables(model):
        files[f"tables/{table.name}.tmdl"] = _text(_table(table))
    return files


def name(text: str) -> str:
    """A name as TMDL writes it."""
    return text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "''") + "'"


def _text(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def _model(model: Model) -> Iterator[str]:
    yield "model Model"
    yield "\tculture: da-DK"
    yield "\tdefaultPowerBIDataSourceVersion: powerBI_V3"
    yield "\tdiscourageImplicitMeasures"
    yield "\tsourceQueryCulture: da-DK"
    yield ""
    for table in (MEASURES, *(table.name for table in all_tables(model))):
        yield f"ref table {name(table)}"
    yield ""
    yield "ref cultureInfo da-DK"
    yield ""
    yield f"ref role {name(model.role_name)}"


def _relationships(model: Model) -> Iterator[str]:
    for join in model.relationships:
        yield f"relationship {stable_id('relationship', join.source)}"
        yield f"\tfromColumn: {name(join.table)}.{name(join.column)}"
        yield f"\ttoColumn: {name(join.other)}.{name(join.key)}"
        yield ""


def _expressions(parameters: Mapping[str, str]) -> Iterator[str]:
    for parameter, value in parameters.items():
        written = value.replace('"', '""')
        yield f'expression {parameter} = "{written}" meta [IsParameterQuery=true, Type="Text",' + (
            " IsParameterQueryRequired=true]"
        )
        yield f"\tlineageTag: {stable_id('expression', parameter)}"
        yield ""


def _role(model: Model) -> Iterator[str]:
    yield f"role {name(model.role_name)}"
    yield "\tmodelPermission: read"
    for table, condition in model.role.items():
        yield ""
        yield f"\ttablePermission {name(table)} = {condition}"


def _described(text: str, depth: int) -> Iterator[str]:
    for line in " ".join(text.split()).split("\n"):
        if line:
            yield "\t" * depth + f"/// {line}"


def _measure_table(model: Model) -> Iterator[str]:
    yield "/// Alle nøgletal, som det semantiske lag definerer dem."
    yield f"table {name(MEASURES)}"
    yield f"\tlineageTag: {stable_id('table', MEASURES)}"
    for measure in model.measures:
        yield ""
        yield from _measure(measure)
    yield ""
    yield "\tcolumn Skjult"
    yield "\t\tdataType: int64"
    yield "\t\tisHidden"
    yield f"\t\tlineageTag: {stable_id('column', MEASURES, 'Skjult')}"
    yield "\t\tsummarizeBy: none"
    yield "\t\tsourceColumn: Skjult"
    yield ""
    yield from _partition(MEASURES, "#table(type table [Skjult = Int64.Type], {})")


def _measure(measure: ModelMeasure) -> Iterator[str]:
    yield from _described(measure.description, 1)
    lines = measure.dax.split("\n")
    if len(lines) == 1:
        yield f"\tmeasure {name(measure.name)} = {lines[0]}"
    else:
        yield f"\tmeasure {name(measure.name)} ="
        yield from (f"\t\t\t{line}" for line in lines)
    if measure.format:
        yield f"\t\tformatString: {measure.format}"
    yield f"\t\tdisplayFolder: {measure.folder}"
    yield f"\t\tlineageTag: {stable_id('measure', measure.source)}"


def _table(table: Table) -> Iterator[str]:
    yield from _described(table.description, 0)
    yield f"table {name(table.name)}"
    yield f"\tlineageTag: {stable_id('table', table.source)}"
    if table.is_calendar:
        yield "\tdataCategory: Time"
    for column in table.columns:
        yield ""
        yield from _described(column.description, 1)
        yield f"\tcolumn {name(column.name)}"
        yield f"\t\tdataType: {column.type}"
        if column.hidden:
            yield "\t\tisHidden"
        if column.key:
            yield "\t\tisKey"
        if column.format:
            yield f"\t\tformatString: {column.format}"
        yield f"\t\tlineageTag: {stable_id('column', table.source, column.source)}"
        yield "\t\tsummarizeBy: none"
        yield f"\t\tsourceColumn: {column.source}"
        if column.sort_by:
            yield f"\t\tsortByColumn: {name(column.sort_by)}"
    for title, path in table.drill.items():
        yield ""
        yield f"\thierarchy {name(title)}"
        yield f"\t\tlineageTag: {stable_id('hierarchy', table.source, title)}"
        for source in path:
            level = name(table.column(source).name)
            yield ""
            yield f"\t\tlevel {level}"
            yield f"\t\t\tlineageTag: {stable_id('level', table.source, title, source)}"
            yield f"\t\t\tcolumn: {level}"
    yield ""
    yield from _partition(table.name, table.m)


def _partition(table: str, m: str) -> Iterator[str]:
    yield f"\tpartition {name(table)} = m"
    yield "\t\tmode: import"
    yield "\t\tsource ="
    yield from (f"\t\t\t\t{line}" for line in m.split("\n"))
