"""Field filters: how a tag in a question's SQL and a filter of a dashboard are tied together.

Belongs here: Metabase's shape of them, the same in files and over the REST API. Not here: which
there are (content), and how a column is named, which differs between the two.
"""

from collections.abc import Mapping
from typing import Any

from exports.metabase.content import Content, Question


def template_tag(
    content: Content, question: Question, tag: str, dimension: list[Any]
) -> dict[str, Any]:
    """A field filter of a question; `dimension` is the column as the reader of it knows it."""
    declared = content.filters[tag]
    return {
        "id": question.tag_id(tag),
        "name": tag,
        "display-name": declared.name,
        "type": "dimension",
        "dimension": dimension,
        "widget-type": declared.widget,
    }


def parameter_mappings(content: Content, question: Question, card: int | str) -> list[Any]:
    """Which filters of a dashboard reach a question there, `card` being its id."""
    return [
        {
            "card_id": card,
            "parameter_id": content.filters[tag].id,
            "target": ["dimension", ["template-tag", tag]],
        }
        for tag in question.filters
    ]


def kept_tags(tags: Mapping[str, Any]) -> dict[str, tuple[object, ...]]:
    """What matters of a server's template tags, by tag: kind, name, widget and field."""
    return {
        tag: (
            kept.get("type"),
            kept.get("display-name"),
            kept.get("widget-type"),
            # A field's place in its reference differs between versions; its id is the one number.
            next((part for part in kept.get("dimension", []) if isinstance(part, int)), None),
        )
        for tag, kept in tags.items()
    }
