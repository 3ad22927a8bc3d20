"""What can be wrong with a profile, said in one sentence: where, what, and the remedy.

What belongs here: what the parts of a profile must have in common, and pydantic's findings in
words. What does not: the parts themselves (profiles).
"""

import difflib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from orchestration.intake.contract import Entity, entities
from orchestration.intake.forms import FileForm
from orchestration.intake.rules import catalogue

if TYPE_CHECKING:
    from orchestration.intake.profiles import ColumnMap, EntityMap, Lookup, MappingUse, Profile


_SHOWN = 3
"""Findings that one sentence can hold."""


def refuse_incoherent(profile: "Profile") -> None:
    """Raise ValueError where the parts of a profile contradict each other or the contract."""
    found = [*_versions(profile), *_mappings(profile)]
    for name, mapped in profile.entities.items():
        if name in entities():
            found += _entity(profile, f"entities.{name}", entities()[name], mapped)
        else:
            found.append(f"entities.{name}: {name} is not in the contract{near(name, entities())}")
    if found:
        more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise ValueError("; ".join(found[:_SHOWN]) + more)


def near(word: str, known: object) -> str:
    """The remedy where a name is unknown: the nearest known one, or all of them."""
    names = [str(one) for one in known]  # type: ignore[attr-defined]
    close = difflib.get_close_matches(word, names, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(names)}"


def _versions(profile: "Profile") -> Iterator[str]:
    names = [version.name for version in profile.versions]
    days = [version.valid_from for version in profile.versions]
    if len(set(names)) < len(names) or len(set(days)) < len(days):
        yield "versions: two have the same name or date; give each its own"
    for version in profile.versions:
        for name in set(version.entities) - set(profile.entities):
            known = near(name, profile.entities)
            yield f"versions.{version.name}: {name} is not among the profile's entities{known}"


def _delivery(key: str, entity: Entity, mapped: "EntityMap") -> Iterator[str]:
    if mapped.delivery == "replacement" and mapped.replaces not in entity.slices:
        known = " or ".join(str(list(columns)) for columns in entity.slices)
        may = f"name {known}" if known else "it cannot be replaced: choose snapshot or changes"
        yield f"{key}.replaces: {list(mapped.replaces)} is no slice of {entity.name}; {may}"
    if mapped.delivery != "replacement" and mapped.replaces:
        yield f"{key}.replaces: only a replacement has it; say `delivery: replacement`"
    if mapped.delivery != "changes" and mapped.deleted:
        yield f"{key}.deleted: only changes have it; say `delivery: changes`"


def _mappings(profile: "Profile") -> Iterator[str]:
    for name, mapping in profile.mappings.items():
        if not mapping.files and not mapping.beside:
            yield f"mappings.{name}: it has no file; name `files` or `beside`"
        if not mapping.keys:
            yield f"mappings.{name}.keys: there is none; name the column that is translated"


def _entity(profile: "Profile", key: str, entity: Entity, mapped: "EntityMap") -> Iterator[str]:
    for reading in profile.readings(entity.name):
        place = f"{key} (version {reading.version})" if reading.version else key
        said = mapped.columns
        for name, column in reading.mapped.columns.items():
            if column.mapping and column.mapping != said.get(name, column).mapping:
                yield f"{place}.columns.{name}: say the mapping in the entity's own columns"
            if name in entity.columns:
                yield from _column(profile, f"{place}.columns.{name}", entity, name, column)
                yield from _forms(f"{place}.columns.{name}", entity, name, column, reading.form)
            else:
                known = near(name, entity.columns)
                yield f"{place}.columns: no such column in the contract: {name}{known}"
        for name in _lacking(entity, reading.mapped):
            yield f"{place}.columns: {name} is required by the contract; say where it comes from"
    yield from _delivery(key, entity, mapped)
    for pattern in [mapped.scope.pattern] if mapped.scope else []:
        yield from _pattern(f"{key}.scope", pattern)
    yield from _parts(profile, key, entity, mapped)
    known_names = {*entity.columns, *entity.stored_columns()}
    for name in set(mapped.not_carried) - known_names:
        yield f"{key}.not_carried: no such column: {name}{near(name, known_names)}"


def _lacking(entity: Entity, mapped: "EntityMap") -> list[str]:
    local = bool(mapped.local_account)
    there = {n for n, column in entity.columns.items() if local and column.type == "account"}
    return [name for name in entity.required if name not in {*mapped.columns, *there}]


def _parts(profile: "Profile", key: str, entity: Entity, mapped: "EntityMap") -> Iterator[str]:
    versions = ["", *(version.name for version in profile.versions)]
    for part in mapped.parts:
        if part.version not in versions:
            yield f"{key}.parts: no version {part.version}{near(part.version, versions)}"
        for name in {*part.where, *part.without} - set(entity.columns):
            yield f"{key}.parts: no such column: {name}{near(name, entity.columns)}"
        for pattern in part.where.values():
            yield from _pattern(f"{key}.parts", pattern)


def _column(
    profile: "Profile", key: str, entity: Entity, name: str, column: "ColumnMap"
) -> Iterator[str]:
    for pattern in (*column.patterns, column.match):
        yield from _pattern(key, pattern)
    if column.rule not in catalogue().rules:
        yield f"{key}.rule: no rule {column.rule}{near(column.rule, catalogue().rules)}"
    low, high = column.minimum, column.maximum
    numbers = entity.columns[name].type in ("integer", "decimal")
    if (low is not None or high is not None) and not numbers:
        yield f"{key}: minimum and maximum are for numbers; take them out, or use match"
    if low is not None and high is not None and low > high:
        yield f"{key}: minimum is above maximum; swap them"
    if column.lookup:
        yield from _lookup(profile, f"{key}.lookup", entity, name, column.lookup)
    if column.mapping:
        kind = entity.columns[name].type
        yield from _mapping_use(profile, f"{key}.mapping", column.mapping, kind)


def _forms(
    key: str, entity: Entity, name: str, column: "ColumnMap", form: FileForm
) -> Iterator[str]:
    """What a column says of its numbers and dates, against its type and the form of its file."""
    kind = entity.columns[name].type
    if column.sign and kind != "decimal":
        yield f"{key}.sign: {name} is no amount; take it out"
    if column.number and kind not in ("integer", "decimal"):
        yield f"{key}.number: {name} is no number; take it out"
    if column.open_end_age and (kind != "date" or "cpr" not in entity.columns):
        yield f"{key}.open_end_age: {name} is no date of a person; take it out"
    own, is_text = column.number, form.format in ("csv", "fixed_width")
    # Typed cells are written with the file's mark: 1.234 would be read as 1234 by the other.
    if own and not own.implied_decimals and own.decimal != form.number.decimal and not is_text:
        yield (
            f"{key}.number: a workbook or Parquet file has one decimal mark; use the form's, or say"
            " format csv or fixed_width in the form"
        )


def _lookup(
    profile: "Profile", key: str, entity: Entity, name: str, lookup: "Lookup"
) -> Iterator[str]:
    other = entities().get(lookup.entity)
    by = entity.columns.get(lookup.by)
    wanted = lookup.column or name
    if other is None or lookup.entity not in profile.entities:
        known = near(lookup.entity, profile.entities)
        yield f"{key}: {lookup.entity} is not among the profile's entities{known}"
    elif by is None or lookup.by not in other.columns:
        yield f"{key}.by: {lookup.by} must be a column of both entities; correct it"
    elif by.type != "string" or by.values:
        yield f"{key}.by: {lookup.by} is no identifier; look it up by one"
    elif wanted not in other.columns:
        yield f"{key}.column: no such column: {wanted}{near(wanted, other.columns)}"


def _mapping_use(profile: "Profile", key: str, use: "MappingUse", kind: str) -> Iterator[str]:
    yield from _pattern(key, use.only)
    if kind != "account":
        yield f"{key}: only accounts are translated by a table; use `values` instead"
    table = profile.mappings.get(use.table)
    if table is None:
        yield f"{key}.table: no mapping {use.table}; add it under `mappings`"
    elif len(table.keys) != len(use.by):
        yield f"{key}.by: the table has {len(table.keys)} keys; name the headers of each"


def _pattern(key: str, pattern: str) -> Iterator[str]:
    try:
        re.compile(pattern)
    except re.error as error:
        yield f"{key}: {pattern} is not a regular expression ({error}); correct it"


_REMEDIES = {
    "missing": "is missing; add it",
    "literal_error": "has a value that is not known; {msg}",
    "list_type": "must be a list; write it in [ ]",
    "tuple_type": "must be a list; write it in [ ]",
    "dict_type": "must be keys with values; indent them below it",
    "model_type": "must be keys with values; indent them below it",
}


def explained(error: ValidationError, model: type[BaseModel]) -> str:
    """One sentence for all that pydantic found: each key, what is wrong and the remedy."""
    known = _keys(model.model_json_schema())
    return "; ".join(
        _said(item["type"], item["loc"], item["msg"], known) for item in error.errors()
    )


def _said(kind: str, place: tuple[int | str, ...], message: str, known: set[str]) -> str:
    key = ".".join(str(part) for part in place)
    if kind == "value_error":
        text = message.removeprefix("Value error, ")
        return f"{key}: {text}" if key else text
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(str(place[-1]), sorted(known), n=1)
        remedy = f"did you mean {close[0]}?" if close else "take it out"
        return f"{key} is not a key of a profile; {remedy}"
    text = _REMEDIES.get(kind, "{msg}; correct it").format(msg=message.lower())
    return f"{key or 'the file'} {text}"


def _keys(schema: dict[str, object]) -> set[str]:
    parts = [schema, *dict(schema.get("$defs", {})).values()]  # type: ignore[call-overload]
    return {name for part in parts for name in part.get("properties", {})}
