"""Put the content on a server: make what lacks, mend what differs, leave the rest alone.

Belongs here: finding again, comparing, writing, reading back. Does not belong here: HTTP (client),
what is offered (content). Things are found by our entity id, else by name in our collection, so
that a second run changes nothing; a question that somebody put into the bin comes back.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from exports.metabase.applied import Applied
from exports.metabase.client import Api, MetabaseError
from exports.metabase.content import SCHEMA, Content, Dashboard, Question, entity_id
from exports.metabase.filters import kept_tags, parameter_mappings, template_tag
from exports.metabase.subscriptions import Subscription, subscribe

_READ, _NONE = "read", "none"
_ADMINISTRATORS = "Administrators"
"""Whose rights Metabase does not let anyone change."""


def apply_content(
    content: Content,
    api: Api,
    database: str,
    readers: str | None = None,
    subscriptions: Sequence[Subscription] = (),
) -> Applied:
    """Put `content` on the server, on its database of that name.

    readers: the group that may read the collection; no other but administrators may then. None:
    who may is left as it is. subscriptions: who is sent which dashboard; ours that are not among
    them end. Raises MetabaseError where the server lacks the database, a column or the group, or
    keeps something else than it was sent.
    """
    done = Applied()
    place = _database(api, database)
    collection = _collection(content, api, done)
    if readers:
        # Before anything is in it.
        _permit(api, collection, readers, done)
    queries = _queries(content, api, place)
    there = [*api.get("/api/card", f="all"), *api.get("/api/card", f="archived")]
    cards = {
        question.name: _card(question, api, queries[question.name], collection, there, done)
        for question in content.questions
    }
    boards = {
        board.name: _dashboard(content, board, api, collection, cards, done)
        for board in content.dashboards
    }
    subscribe(subscriptions, api, boards, done)
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


def _queries(content: Content, api: Api, database: int) -> dict[str, dict[str, Any]]:
    """Each question as the server takes it, its columns by their numbers there."""
    fields = {
        f"{table['name']}.{one['name']}": int(one["id"])
        for table in api.get(f"/api/database/{database}/metadata")["tables"]
        if table.get("schema") == SCHEMA
        for one in table["fields"]
    }
    found = {}
    for question in content.questions:
        if lacking := sorted(set(question.filters.values()) - set(fields)):
            raise MetabaseError(
                f"Metabase does not know the columns {', '.join(lacking)} in {SCHEMA}; choose Sync "
                "database schema there (Admin settings > Databases) after a night has published"
            )
        tags = {
            tag: template_tag(content, question, tag, ["field", fields[column], None])
            for tag, column in question.filters.items()
        }
        native = {"query": question.sql, "template-tags": tags}
        found[question.name] = {"type": "native", "database": database, "native": native}
    return found


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
    query: dict[str, Any],
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
    mine = entity_id("Card", question.name)
    found = _find(there, mine, question.name, collection)
    if found is None:
        made = api.post("/api/card", {**wanted, "dataset_query": query, "entity_id": mine})
        done.made.append(question.name)
        _hold(api.get(f"/api/card/{made['id']}"), wanted, query)
        return int(made["id"])
    wanted["archived"] = False
    card = api.get(f"/api/card/{found}")
    same = all(card.get(key) == value for key, value in wanted.items())
    if same and _native(card["dataset_query"]) == _native(query):
        done.same += 1
    else:
        api.put(f"/api/card/{found}", {**wanted, "dataset_query": query})
        done.changed.append(question.name)
        _hold(api.get(f"/api/card/{found}"), wanted, query)
    return found


def _find(there: list[dict[str, Any]], mine: str, name: str, collection: int) -> int | None:
    for one in there:
        named = one["name"] == name and one.get("collection_id") == collection
        if one.get("entity_id") == mine or named:
            return int(one["id"])
    return None


def _native(query: Mapping[str, Any]) -> tuple[int, str, dict[str, tuple[object, ...]]]:
    """Database, SQL and tags of a native query, in the older shape or the newer one of stages."""
    part = query["stages"][0] if "stages" in query else query.get("native", {})
    sql = part.get("native") if "stages" in query else part.get("query")
    return int(query["database"]), str(sql), kept_tags(part.get("template-tags") or {})


def _hold(kept: Mapping[str, Any], wanted: Mapping[str, Any], query: Mapping[str, Any]) -> None:
    """Nothing checks settings on the server: a typo is kept and ignored, so it is read back."""
    other = [key for key, value in wanted.items() if kept.get(key) != value]
    if _native(kept["dataset_query"]) != _native(query):
        other.append("dataset_query")
    if other:
        raise MetabaseError(
            f"Metabase keeps other {', '.join(other)} of '{wanted['name']}' than sent"
        )


def _dashboard(
    content: Content,
    board: Dashboard,
    api: Api,
    collection: int,
    cards: Mapping[str, int],
    done: Applied,
) -> Mapping[str, Any]:
    """The dashboard as the server keeps it."""
    parameters = [one.parameter for one in content.filters_of(board)]
    wanted = {"name": board.name, "description": board.description, "collection_id": collection}
    found = None
    for one in api.get("/api/dashboard"):
        if one["name"] == board.name and one.get("collection_id") == collection:
            found = int(one["id"])
    made = found is None
    if found is None:
        found = int(api.post("/api/dashboard", wanted)["id"])
    path = f"/api/dashboard/{found}"
    kept: Mapping[str, Any] = api.get(path)
    places = [
        {
            "card_id": cards[place.question.name],
            **place.model_dump(exclude={"question"}),
            "parameter_mappings": parameter_mappings(
                content, place.question, cards[place.question.name]
            ),
        }
        for place in board.placed()
    ]
    same = all(kept.get(key) == value for key, value in wanted.items())
    if not made and same and _shown(kept) == _shown({"dashcards": places}, parameters):
        done.same += 1
        return kept
    dashcards = [
        {"id": -number, **place, "visualization_settings": {}}
        for number, place in enumerate(places, start=1)
    ]
    api.put(path, {**wanted, "parameters": parameters, "dashcards": dashcards, "tabs": []})
    kept = api.get(path)
    if _shown(kept) != _shown({"dashcards": places}, parameters):
        raise MetabaseError(f"Metabase keeps other cards or filters on '{board.name}' than sent")
    (done.made if made else done.changed).append(board.name)
    return kept


_PLACE = ("card_id", "row", "col", "size_x", "size_y")
_PARAMETER = ("id", "name", "slug", "type")
_MAPPING = ("card_id", "parameter_id", "target")


def _shown(
    board: Mapping[str, Any], parameters: Sequence[Mapping[str, Any]] | None = None
) -> tuple[list[str], list[str]]:
    """What of a dashboard matters: its filters in their order, its cards, and what reaches them."""
    filters = board.get("parameters") or [] if parameters is None else parameters
    cards = [
        repr([one.get(key) for key in _PLACE])
        + repr(sorted(repr([to.get(key) for key in _MAPPING]) for to in _mappings(one)))
        for one in board.get("dashcards", [])
    ]
    return [repr([one.get(key) for key in _PARAMETER]) for one in filters], sorted(cards)


def _mappings(card: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return card.get("parameter_mappings") or []


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
