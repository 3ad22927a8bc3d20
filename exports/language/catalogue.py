"""Reads and merges the label catalogues.

Belongs here: the file format of a catalogue and its checks. Nested mappings become dotted keys; a
mapping with exactly the languages as its keys is an entry. What a measure is called is the semantic
layer's to say: `measure.<name>`. Not here: formatting of values.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from exports.semantics import read_semantics

LANGUAGES = ("da", "en")
FOLDER = Path(__file__).parent

Entry = Mapping[str, str]


class CatalogueError(ValueError):
    """A catalogue that cannot be used: an entry lacks a language, or a key is written twice."""


@cache
def load_catalogue(folder: Path = FOLDER) -> Mapping[str, Entry]:
    """All entries of `folder`/*.yml by dotted key, and the names of measures.

    Raises CatalogueError when an entry lacks a language or two files define the same key.
    """
    measures = read_semantics().measures
    entries: dict[str, Entry] = {
        f"measure.{name}": measure.label for name, measure in measures.items()
    }
    for path in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for key, entry in _entries(content, "", path.name):
            if key in entries:
                raise CatalogueError(f"{path.name}: '{key}' is defined in another file already")
            entries[key] = entry
    return MappingProxyType(entries)


def _entries(node: Any, prefix: str, file: str) -> Iterator[tuple[str, Entry]]:
    if not isinstance(node, dict):
        raise CatalogueError(f"{file}: '{prefix}' must hold the languages {', '.join(LANGUAGES)}")
    if set(node) & set(LANGUAGES):
        missing = set(LANGUAGES) ^ set(node)
        if missing:
            raise CatalogueError(f"{file}: '{prefix}' lacks or has too much: {sorted(missing)}")
        yield prefix, {name: str(node[name]) for name in LANGUAGES}
        return
    for name, child in node.items():
        yield from _entries(child, f"{prefix}.{name}" if prefix else str(name), file)
