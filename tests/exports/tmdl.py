"""A reader of the TMDL that the project is written in, strict where Power BI Desktop is.

Belongs here: reading tables, columns, measures, relationships and roles back, and refusing what
TMDL refuses. Not here: what the model should hold.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

PROPERTIES = {
    "database": {"compatibilityLevel"},
    "model": {
        "culture",
        "defaultPowerBIDataSourceVersion",
        "discourageImplicitMeasures",
        "sourceQueryCulture",
    },
    "table": {"lineageTag", "dataCategory"},
    "column": {
        "dataType",
        "isHidden",
        "isKey",
        "formatString",
        "lineageTag",
        "summarizeBy",
        "sourceColumn",
        "sortByColumn",
    },
    "measure": {"formatString", "displayFolder", "lineageTag"},
    "hierarchy": {"lineageTag"},
    "level": {"lineageTag", "column"},
    "partition": {"mode", "source"},
    "relationship": {"fromColumn", "toColumn"},
    "expression": {"lineageTag"},
    "role": {"modelPermission"},
    "cultureInfo": set(),
}
CHILDREN = {
    "table": {"column", "measure", "hierarchy", "partition"},
    "hierarchy": {"level"},
    "role": {"tablePermission"},
}
DATA_TYPES = {"string", "int64", "decimal", "double", "dateTime", "boolean"}
NAME = r"(?:'(?:[^']|'')+'|[^\s'.=:]+)"
HEAD = re.compile(rf"(\w+) ({NAME})(?: = ?(.*))?$")


class TmdlError(ValueError):
    """The text is not TMDL as we write it."""


@dataclass
class Item:
    """An object: its kind, name, expression, properties and children."""

    kind: str
    name: str
    expression: list[str] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    children: list["Item"] = field(default_factory=list)
    description: str = ""

    def of(self, kind: str) -> list["Item"]:
        return [child for child in self.children if child.kind == kind]


def read(path: Path) -> list[Item]:
    """The objects of a file, each with its children."""
    reader = _Reader()
    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        if line.strip("\t"):
            reader.take(line, f"{path.name}:{number}: {line!r}")
    return reader.roots


class _Reader:
    """What is open while a file is read line by line."""

    def __init__(self) -> None:
        self.roots: list[Item] = []
        self.open: list[Item] = []
        self.description = ""
        self.block: list[str] | None = None
        self.block_depth = 0

    def take(self, line: str, where: str) -> None:
        text = line.lstrip("\t")
        depth = len(line) - len(text)
        if self.block is not None and depth >= self.block_depth:
            self.block.append(line[self.block_depth :])
            return
        self.block = None
        if text.startswith(" "):
            raise TmdlError(f"{where}: blanks instead of tabs")
        if text.startswith("///"):
            self.description = text[4:]
        elif not text.startswith("ref "):
            self._object_or_property(text, depth, where)

    def _object_or_property(self, text: str, depth: int, where: str) -> None:
        del self.open[depth:]
        parent = self.open[-1] if self.open else None
        if depth != len(self.open):
            raise TmdlError(f"{where}: too deep")
        item = _item(text, parent)
        if item is None:
            key, value = _property(text, parent, where)
            assert parent is not None
            parent.properties[key] = value
            opened = value == "="
        else:
            item.description, self.description = self.description, ""
            (parent.children if parent else self.roots).append(item)
            self.open.append(item)
            opened = text.endswith(" =")
        if opened:
            self.block, self.block_depth = (item or self.open[-1]).expression, depth + 2


def _item(text: str, parent: Item | None) -> Item | None:
    if text in ("database", "model Model"):
        return Item(text.split(maxsplit=1)[0], "")
    match = HEAD.fullmatch(text)
    allowed = CHILDREN.get(parent.kind, set()) if parent else set(PROPERTIES)
    if not match or match[1] not in allowed:
        return None
    return Item(match[1], unquoted(match[2]), [match[3]] if match[3] else [])


def _property(text: str, parent: Item | None, where: str) -> tuple[str, str]:
    known = PROPERTIES.get(parent.kind, set()) if parent else set()
    key, _, value = text.partition(": ") if ": " in text else text.partition(" ")
    if key not in known:
        raise TmdlError(f"{where}: {parent.kind if parent else 'a file'} has no {key}")
    return key, value


def unquoted(name: str) -> str:
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def column_reference(text: str) -> tuple[str, str]:
    """Table and column of `Table.Column` as a relationship writes it."""
    match = re.fullmatch(rf"({NAME})\.({NAME})", text)
    if not match:
        raise TmdlError(f"{text} names no column")
    return unquoted(match[1]), unquoted(match[2])
