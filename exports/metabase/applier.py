"""Put the content on a server: make what lacks, mend what differs, leave the rest alone.

Belongs here: finding again, comparing, writing, reading back. Does not belong here: HTTP (client),
what is offered (content). Things are found by our entity id, else by name in our collection, so
that a second run changes nothing; a question that somebody put into the bin comes back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exports.metabase.client import Api, MetabaseError
from exports.metabase.content import Content, Dashboard, Question, entity_id

__all__ = ["Applied", "MetabaseError", "apply_content"]

_READ, _NONE = "read", "none"
_ADMINISTRATORS = "Administrators"
"""Whose rights Metabase does not let anyone change."""


@dataclass
class Applied:
    """What was made, changed and found as it should be: one line each."""

    made: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: int = 0


def apply_content(content: Content, api: Api, database: str, readers: str | None = None) -> Applied:
    """Put `content` on the server, on its database of that name.

    readers: the group that may read the collection; no other but administrators may then. None:
    who may is left as it is. Raises MetabaseError where the server lacks the database or the group,
    or keeps something else than it was sent.
    """
    done = Applied()
    place = _database(api, database)
    collection = _collection(content, api, done)
    if readers:
        # Before anything is in it.
        _permit(api, collection, readers, done)
    there = [*api.get("/api/card", f="all"), *api.get("/api/card", f="archived")]
    cards = {
        question.name: _card(question, api, place, collection, there, done)
        for question in content.questions
    }
    for board in content.dashboards:
        _dashboard(board, api, collection, cards, done)
    return done


def _database(api: Api, name: str) -> int:
    answer = api.get("/api/database")
    known = answer["data"] if isinstance(answer, Mapping) else answer
    for one in known:
        if one["name"] == name:
            return int(one["id"])
    there = ", ".join(sorted(one["name"] for one in known)) or "none"
    raise MetabaseError(
        f"Metabase has no database called '{name}' (it has: {there}); add the served PostgreSQL "
        "there with the role `reader` and the schema `reporting` alone, or set metabase.database"
    )


def _collection(content: Content, api: Api, done: Applied) -> int:
    wanted = {"name": content.collection, "description": content.description}
    mine = entity_id("Collection", content.collection)
    for one in api.get("/api/collection"):
        top = one.get("location", "/") == "/" and one["name"] == content.collection
        if one.get("entity_id") == mine or top:
            _mend(api, f"/api/collection/{one['id']}", one, wanted, content.collection, done)
            return int(one["id"])
    made = api.post("/api/collection", {**wanted, "parent_id": None})
    done.made.append(content.collection)
    return int(made["id"])


def _card(
    question: Question,
    api: Api,
    database: int,
    collection: int,
    there: list[dict[str, Any]],
    done: Applied,
) -> int:
    wanted = {
        "name": question.name,
        "display": question.display,
        "visualization_settings": question.settings,
        "collection_id": collection,
    }
    query = {"type": "native", "database": database, "native": {"query": question.sql}}
    mine = entity_id("Card", question.name)
    found = _find(there, mine, question.name, collection)
    if found is None:
        made = api.post("/api/card", {**wanted, "dataset_query": query, "entity_id": mine})
        done.made.append(question.name)
        _hold(api.get(f"/api/card/{made['id']}"), wanted, question)
        return int(made["id"])
    wanted["archived"] = False
    card = api.get(f"/api/card/{found}")
    same = all(card.get(key) == value for key, value in wanted.items())
    if same and _native(card["dataset_query"]) == (database, question.sql):
        done.same += 1
    else:
        api.put(f"/api/card/{found}", {**wanted, "dataset_query": query})
        done.changed.append(question.name)
        _hold(api.get(f"/api/card/{found}"), wanted, question)
    return found


def _find(there: list[dict[str, Any]], mine: str, name: str, collection: int) -> int | None:
    for one in there:
        named = one["name"] == name and one.get("collection_id") == collection
        if one.get("entity_id") == mine or named:
            return int(one["id"])
    return None


def _native(query: Mapping[str, Any]) -> tuple[int, str]:
    """Database and SQL of a native query, in the older shape or the newer one of stages."""
    if "stages" in query:
        return int(query["database"]), str(query["stages"][0].get("native"))
    return int(query["database"]), str(query.get("native", {}).get("query"))


def _hold(kept: Mapping[str, Any], wanted: Mapping[str, Any], question: Question) -> None:
    """Nothing checks settings on the server: a typo is kept and ignored, so it is read back."""
    other = [key for key, value in wanted.items() if kept.get(key) != value]
    if _native(kept["dataset_query"])[1] != question.sql:
        other.append("dataset_query")
    if other:
        raise MetabaseError(
            f"Metabase keeps other {', '.join(other)} of '{question.name}' than sent"
        )


def _dashboard(
    board: Dashboard, api: Api, collection: int, cards: Mapping[str, int], done: Applied
) -> None:
    wanted = {"name": board.name, "description": board.description, "collection_id": collection}
    found = None
    for one in api.get("/api/dashboard"):
        if one["name"] == board.name and one.get("collection_id") == collection:
            found = int(one["id"])
    made = found is None
    if found is None:
        found = int(api.post("/api/dashboard", wanted)["id"])
    path = f"/api/dashboard/{found}"
    kept = api.get(path)
    places = [
        {"card_id": cards[place.question.name], **place.model_dump(exclude={"question"})}
        for place in board.placed()
    ]
    there = [{key: one.get(key) for key in places[0]} for one in kept.get("dashcards", [])]
    same = all(kept.get(key) == value for key, value in wanted.items())
    if not made and same and _sorted(there) == _sorted(places):
        done.same += 1
        return
    dashcards = [
        {"id": -number, **place, "parameter_mappings": [], "visualization_settings": {}}
        for number, place in enumerate(places, start=1)
    ]
    api.put(path, {**wanted, "dashcards": dashcards, "tabs": []})
    again = [{key: one.get(key) for key in places[0]} for one in api.get(path)["dashcards"]]
    if _sorted(again) != _sorted(places):
        raise MetabaseError(f"Metabase keeps other cards on '{board.name}' than sent")
    (done.made if made else done.changed).append(board.name)


def _sorted(places: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted((tuple(place[key] for key in sorted(place)) for place in places), key=str)


def _permit(api: Api, collection: int, readers: str, done: Applied) -> None:
    groups = {one["name"]: str(one["id"]) for one in api.get("/api/permissions/group")}
    if readers not in groups:
        raise MetabaseError(
            f"Metabase has no group called '{readers}' (it has: {', '.join(sorted(groups))}); make "
            "it under Admin settings > People > Groups, or set metabase.readers"
        )
    graph = api.get("/api/collection/graph")
    changes = {}
    for name, group in groups.items():
        right = _READ if name == readers else _NONE
        has = graph["groups"].get(group, {}).get(str(collection), _NONE)
        if name != _ADMINISTRATORS and has != right:
            changes[group] = {str(collection): right}
    if changes:
        api.put("/api/collection/graph", {"revision": graph["revision"], "groups": changes})
        done.changed.append(f"who may read: {readers}")
    else:
        done.same += 1


def _mend(
    api: Api,
    path: str,
    kept: Mapping[str, Any],
    wanted: Mapping[str, Any],
    name: str,
    done: Applied,
) -> None:
    if all(kept.get(key) == value for key, value in wanted.items()):
        done.same += 1
    else:
        api.put(path, dict(wanted))
        done.changed.append(name)
