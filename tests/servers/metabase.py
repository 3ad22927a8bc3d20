"""A stand-in for a Metabase server, for no real one is to be had in tests.

What belongs here: the part of the REST API that the applier uses, with what Metabase's own
description of it demands (required keys, whole replacement of a dashboard's cards, new cards with
negative ids, tags and filters that lead somewhere, a revision of the permissions) and its newer
shape of a native query in answers. What does not: any knowledge of our content.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "mb_a_key_for_tests"
DISPLAYS = {"table", "bar", "line", "area", "row", "pie", "scalar", "combo", "waterfall"}
_REQUIRED = {
    "card": {"name": str, "dataset_query": dict, "display": str, "visualization_settings": dict},
    "collection": {"name": str},
    "dashboard": {"name": str},
    "pulse": {"name": str, "dashboard_id": int, "cards": list, "channels": list},
}
_START = {"archived": False, "description": None, "location": "/", "creator_id": 1}
_STARTS: dict[str, dict[str, Any]] = {
    "card": {"type": "question", "query_type": "native", "table_id": None, "database_id": None},
    "dashboard": {
        "dashcards": [],
        "parameters": [],
        "tabs": [],
        "width": "fixed",
        "auto_apply_filters": True,
        "enable_embedding": False,
        "public_uuid": None,
        "cache_ttl": None,
    },
    "pulse": {"collection_id": None, "skip_if_empty": False, "parameters": []},
}
_PLACE = {"id", "card_id", "size_x", "size_y", "row", "col"}


class RefusedError(Exception):
    """What the server answers with a status of 400 or more."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Metabase:
    """What the server holds, and every change that was asked of it."""

    def __init__(self, tables: Mapping[str, Sequence[str]]) -> None:
        self.url = ""
        fields = enumerate(
            ((table, column) for table, columns in tables.items() for column in columns), start=500
        )
        self.fields = dict(fields)
        self.databases = [{"id": 7, "name": "Sample"}, {"id": 8, "name": "Råderum"}]
        self.groups = [
            {"id": 1, "name": "All Users"},
            {"id": 2, "name": "Administrators"},
            {"id": 4, "name": "Teknik og miljø"},
            {"id": 3, "name": "Børn og unge"},
        ]
        self.graph: dict[str, Any] = {
            "revision": 4,
            "groups": {str(one["id"]): {} for one in self.groups},
        }
        self.things: dict[str, dict[int, dict[str, Any]]] = {
            "card": {},
            "collection": {},
            "dashboard": {},
            "pulse": {},
        }
        self.users = {"leder@kommune.example": 12}
        self.changes: list[tuple[str, str]] = []
        self.fails_next = 0
        self._last = 100

    def answer(self, method: str, target: str, body: dict[str, Any] | None) -> Any:
        """The answer to one request."""
        address = urlsplit(target)
        query = {key: values[0] for key, values in parse_qs(address.query).items()}
        if self.fails_next:
            self.fails_next -= 1
            raise RefusedError(503, "starting up")
        if method != "GET":
            self.changes.append((method, address.path))
        if address.path == "/api/database":
            return {"data": self.databases, "total": len(self.databases)}
        if address.path == "/api/database/8/metadata":
            return {"tables": self._tables()}
        if address.path == "/api/permissions/group":
            return self.groups
        if address.path == "/api/collection/graph":
            return self._graph(body)
        found = re.fullmatch(r"/api/(card|collection|dashboard|pulse)(?:/(\d+))?", address.path)
        if found is None:
            raise RefusedError(404, "Not found.")
        kind, number = found.groups()
        if number is None:
            return self._listed(kind, query) if method == "GET" else self._made(kind, body or {})
        if int(number) not in self.things[kind]:
            raise RefusedError(404, "Not found.")
        return self._one(kind, int(number), method, body or {})

    def _tables(self) -> list[dict[str, Any]]:
        names = dict.fromkeys(table for table, _ in self.fields.values())
        return [
            {
                "name": name,
                "schema": "reporting",
                "fields": [
                    {"id": number, "name": column}
                    for number, (table, column) in self.fields.items()
                    if table == name
                ],
            }
            for name in names
        ]

    def _graph(self, body: dict[str, Any] | None) -> dict[str, Any]:
        if body is not None:
            if body["revision"] != self.graph["revision"]:
                raise RefusedError(409, "Looks like someone else edited the permissions")
            self.graph["revision"] += 1
            if "2" in body["groups"]:
                raise RefusedError(400, "You cannot change the permissions of administrators")
            for group, rights in body["groups"].items():
                self.graph["groups"][group] |= rights
        return self.graph

    def _listed(self, kind: str, query: dict[str, str]) -> list[dict[str, Any]]:
        archived = query.get("f") == "archived"
        return [
            {key: value for key, value in one.items() if key != "dashcards"}
            for one in self.things[kind].values()
            if one.get("archived", False) is archived
        ]

    def _made(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        for key, shape in _REQUIRED[kind].items():
            if not isinstance(body.get(key), shape):
                raise RefusedError(400, f"/{key}: expected {shape.__name__}")
        self._last += 1
        given = body.get("entity_id") or f"{self._last:021d}"
        if any(one["entity_id"] == given for one in self.things[kind].values()):
            raise RefusedError(400, "entity_id is taken")
        start = {**_START, **_STARTS.get(kind, {})}
        self.things[kind][self._last] = {**start, "id": self._last, "entity_id": given}
        return self._one(kind, self._last, "PUT", body)

    def _one(self, kind: str, number: int, method: str, body: dict[str, Any]) -> dict[str, Any]:
        thing = self.things[kind][number]
        if method == "PUT":
            self._check(body, thing)
            thing |= {key: value for key, value in body.items() if key != "dashcards"}
            if "dashcards" in body:
                thing["dashcards"] = [
                    self._numbered(place, thing["id"]) for place in body["dashcards"]
                ]
            if query := body.get("dataset_query"):
                thing |= self._query(query)
            if kind == "pulse" and "channels" in body:
                thing |= self._pulse(body)
        return thing

    def _check(self, body: dict[str, Any], thing: dict[str, Any]) -> None:
        if body.get("display", "table") not in DISPLAYS:
            raise RefusedError(400, "/display must be equal to one of the allowed values")
        known = {one["id"] for one in body.get("parameters", thing.get("parameters", []))}
        for place in body.get("dashcards", []):
            if missing := _PLACE - set(place):
                raise RefusedError(400, f"/dashcards: missing {sorted(missing)}")
            if place["col"] + place["size_x"] > 24:
                raise RefusedError(400, "/dashcards/size_x must be <= 24")
            for mapping in place.get("parameter_mappings", []):
                stage = self.things["card"][mapping["card_id"]]["dataset_query"]["stages"][0]
                _, (_, tag) = mapping["target"]
                if mapping["parameter_id"] not in known or tag not in stage["template-tags"]:
                    raise RefusedError(400, f"/parameter_mappings: {tag} leads nowhere")

    def _query(self, query: dict[str, Any]) -> dict[str, Any]:
        """A native query as it is answered: in stages, references with options in the middle."""
        native = query["native"]["query"]
        tags = query["native"].get("template-tags", {})
        if set(tags) != set(re.findall(r"\{\{(\w+)\}\}", native)):
            raise RefusedError(400, "/template-tags: not those of the query")
        kept = {}
        for name, tag in tags.items():
            _, field, _ = tag["dimension"]
            if field not in self.fields or not {"id", "name", "widget-type"} <= set(tag):
                raise RefusedError(400, f"/template-tags/{name}: no such field")
            kept[name] = {**tag, "dimension": ["field", {}, field]}
        stage = {"lib/type": "mbql.stage/native", "native": native, "template-tags": kept}
        return {
            "database_id": query["database"],
            "dataset_query": {
                "lib/type": "mbql/query",
                "database": query["database"],
                "stages": [stage],
            },
        }

    def _pulse(self, body: dict[str, Any]) -> dict[str, Any]:
        board = self.things["dashboard"].get(body["dashboard_id"])
        places = {place["id"] for place in board["dashcards"]} if board else set()
        if not {card["dashboard_card_id"] for card in body["cards"]} <= places:
            raise RefusedError(400, "/cards/dashboard_card_id: not on the dashboard")
        names = {number: card["name"] for number, card in self.things["card"].items()}
        channels = [
            {
                **channel,
                # An address that belongs to a user is answered as that user.
                "recipients": [
                    person
                    | ({"id": self.users[person["email"]]} if person["email"] in self.users else {})
                    for person in channel["recipients"]
                ],
            }
            for channel in body["channels"]
        ]
        cards = [{**card, "name": names[card["id"]]} for card in body["cards"]]
        return {"cards": cards, "channels": channels}

    def _numbered(self, place: dict[str, Any], board: int) -> dict[str, Any]:
        if place["id"] > 0:
            return place
        self._last += 1
        start = {"dashboard_tab_id": None, "inline_parameters": [], "entity_id": None}
        return {**start, **place, "id": self._last, "dashboard_id": board}


@contextmanager
def metabase_server(tables: Mapping[str, Sequence[str]]) -> Iterator[Metabase]:
    """A server on a free port of this machine, for the length of a block.

    `tables`: the columns by table that it has found in the schema `reporting`.
    """
    holds = Metabase(tables)

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            try:
                if self.headers.get("X-Api-Key") != KEY:
                    raise RefusedError(401, "Unauthenticated")
                status, told = 200, holds.answer(self.command, self.path, body)
            except RefusedError as error:
                status, told = error.status, {"message": str(error)}
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _any  # noqa: N815 (the library looks for these names)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    holds.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield holds
    finally:
        server.shutdown()
        server.server_close()
