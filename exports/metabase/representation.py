"""The content as files in Metabase's representation format (version 1).

Belongs here: the files, which a paid edition loads by remote sync and anyone can read in a review.
Does not belong here: a server.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from exports.metabase.content import SCHEMA, Content, Dashboard, Question, entity_id
from exports.metabase.filters import parameter_mappings, template_tag

# Metabase's schema asks for an e-mail address; whoever loads the files takes its place.
_CREATOR = "raaderum@kommune.example"


def write_representation(content: Content, database: str, out: Path) -> list[Path]:
    """Write `out`/collections/…; the same content gives the same bytes. Returns the files."""
    root = out / "collections" / "main" / _slug(content.collection)
    files = {root / f"{_slug(content.collection)}.yaml": _collection(content)}
    for question in content.questions:
        files[root / f"{_slug(question.name)}.yaml"] = _card(content, question, database)
    for board in content.dashboards:
        files[root / "dashboards" / f"{_slug(board.name)}.yaml"] = _dashboard(content, board)
    for path, item in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(item, allow_unicode=True, sort_keys=False, width=100)
        path.write_text(text, encoding="utf-8", newline="\n")
    return list(files)


def _slug(name: str) -> str:
    plain = name.lower().replace("æ", "ae").replace("ø", "oe").replace("å", "aa")
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def _meta(kind: str, name: str) -> list[dict[str, str]]:
    return [{"id": entity_id(kind, name), "label": _slug(name), "model": kind}]


def _collection(content: Content) -> dict[str, Any]:
    name = content.collection
    return {
        "name": name,
        "entity_id": entity_id("Collection", name),
        "description": content.description,
        "serdes/meta": _meta("Collection", name),
    }


def _card(content: Content, question: Question, database: str) -> dict[str, Any]:
    stage: dict[str, Any] = {"lib/type": "mbql.stage/native", "native": question.sql}
    if question.filters:
        stage["template-tags"] = {
            tag: template_tag(content, question, tag, _field(database, column))
            for tag, column in question.filters.items()
        }
    return {
        "name": question.name,
        "entity_id": entity_id("Card", question.name),
        "display": question.display,
        "creator_id": _CREATOR,
        "database_id": database,
        "collection_id": entity_id("Collection", content.collection),
        "dataset_query": {"lib/type": "mbql/query", "database": database, "stages": [stage]},
        "visualization_settings": question.settings,
        "serdes/meta": _meta("Card", question.name),
    }


def _field(database: str, column: str) -> list[Any]:
    return ["field", {}, [database, SCHEMA, *column.split(".")]]


def _dashboard(content: Content, board: Dashboard) -> dict[str, Any]:
    owner = _meta("Dashboard", board.name)[0]
    cards = []
    for place in board.placed():
        name = f"{board.name}/{place.question.name}"
        mine = {"id": entity_id("DashboardCard", name), "model": "DashboardCard"}
        cards.append(
            {
                "entity_id": mine["id"],
                "card_id": entity_id("Card", place.question.name),
                **place.model_dump(exclude={"question"}),
                "visualization_settings": {},
                "parameter_mappings": parameter_mappings(
                    content, place.question, entity_id("Card", place.question.name)
                ),
                "serdes/meta": [owner, mine],
            }
        )
    return {
        "name": board.name,
        "entity_id": entity_id("Dashboard", board.name),
        "description": board.description,
        "creator_id": _CREATOR,
        "collection_id": entity_id("Collection", content.collection),
        "parameters": [one.parameter for one in content.filters_of(board)],
        "dashcards": cards,
        "serdes/meta": [owner],
    }
