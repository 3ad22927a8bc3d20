"""The Metabase content by contract: files, and the applier against a strict stand-in."""

import json
import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from exports.metabase import (
    Content,
    MetabaseError,
    apply_content,
    connect,
    write_representation,
)
from exports.metabase.content import entity_id
from orchestration.cli.app import app
from orchestration.cli.bi import METABASE_KEY
from orchestration.manifest import ensure_manifest
from orchestration.settings import ConfigurationError
from tests.servers.metabase import DISPLAYS, KEY, Metabase

DATABASE = "Råderum"


def put(server: Metabase, content: Content, readers: str | None = None):
    with connect(server.url, KEY) as api:
        return apply_content(content, api, DATABASE, readers)


def test_everything_is_made_once_and_a_second_run_changes_nothing(
    server: Metabase, content: Content
) -> None:
    first = put(server, content, "Børn og unge")
    names = [content.collection, *(one.name for one in content.questions)]
    assert first.made == [*names, *(one.name for one in content.dashboards)]
    server.changes.clear()
    again = put(server, content, "Børn og unge")
    assert (again.made, again.changed, server.changes) == ([], [], [])
    assert again.same == len(first.made) + 1


def test_each_dashboard_holds_its_questions_on_the_right_database(
    server: Metabase, content: Content
) -> None:
    put(server, content)
    cards = server.things["card"]
    assert {card["dataset_query"]["database"] for card in cards.values()} == {8}
    for board in content.dashboards:
        (kept,) = [one for one in server.things["dashboard"].values() if one["name"] == board.name]
        shown = [cards[place["card_id"]]["name"] for place in kept["dashcards"]]
        assert shown == [question.name for question in board.questions]
        spots = {
            (row, col)
            for place in kept["dashcards"]
            for row in range(place["row"], place["row"] + place["size_y"])
            for col in range(place["col"], place["col"] + place["size_x"])
        }
        assert len(spots) == sum(one["size_x"] * one["size_y"] for one in kept["dashcards"])


def test_what_somebody_changed_is_set_right_and_their_own_is_left_alone(
    server: Metabase, content: Content
) -> None:
    put(server, content)
    with connect(server.url, KEY) as api:
        theirs = api.post(
            "/api/card",
            {
                "name": "Deres",
                "display": "table",
                "visualization_settings": {},
                "dataset_query": {"database": 8, "native": {"query": "select 1"}},
            },
        )
    (mine,) = [one for one in server.things["card"].values() if one["name"] == "Kørsel"]
    (board,) = [one for one in server.things["dashboard"].values() if one["name"] == "Overblik"]
    mine |= {"display": "bar", "archived": True}
    board["dashcards"] = [{**board["dashcards"][0], "card_id": None}, *board["dashcards"][1:]]
    before = dict(server.things["card"][theirs["id"]])
    done = put(server, content)
    assert (done.made, done.changed) == ([], ["Kørsel", "Overblik"])
    assert (mine["display"], mine["archived"]) == ("table", False)
    assert server.things["card"][theirs["id"]] == before


def test_the_group_may_read_and_everyone_else_may_not(server: Metabase, content: Content) -> None:
    for group in ("1", "2", "4"):
        server.graph["groups"][group] = {"101": "write"}
    put(server, content, "Børn og unge")
    rights = {group: right["101"] for group, right in server.graph["groups"].items()}
    assert rights == {"1": "none", "2": "write", "3": "read", "4": "none"}
    asked = [path for method, path in server.changes if method != "GET"]
    assert asked.index("/api/collection/graph") < asked.index("/api/card")


def test_a_server_that_starts_up_is_asked_again(server: Metabase, content: Content) -> None:
    server.fails_next = 2
    assert put(server, content).made


@pytest.mark.parametrize(
    ("spoil", "readers", "said"),
    [
        (lambda server: server.databases.pop(), None, "no database called 'Råderum'.*Sample"),
        (lambda server: server.groups.pop(), "Børn og unge", "no group called 'Børn og unge'"),
    ],
)
def test_what_lacks_is_named_with_its_remedy(server, content, spoil, readers, said) -> None:
    spoil(server)
    with pytest.raises(MetabaseError, match=said):
        put(server, content, readers)


def test_a_wrong_key_and_a_silent_server_are_told(server: Metabase, content: Content) -> None:
    with pytest.raises(MetabaseError, match="administrator"), connect(server.url, "x") as api:
        apply_content(content, api, DATABASE)
    with (
        pytest.raises(MetabaseError, match="does not answer"),
        connect("http://127.0.0.1:1", KEY) as api,
    ):
        api.post("/api/card", {})


def test_files_hold_the_same_things_under_ids_that_stay(content: Content, tmp_path: Path) -> None:
    files = write_representation(content, DATABASE, tmp_path / "a")
    write_representation(content, DATABASE, tmp_path / "b")
    items = [yaml.safe_load(path.read_text("utf-8")) for path in files]
    for path in files:
        twin = tmp_path / "b" / path.relative_to(tmp_path / "a")
        assert twin.read_bytes() == path.read_bytes()
    ids = [item["entity_id"] for item in items]
    assert len(set(ids)) == len(ids) == 1 + len(content.questions) + len(content.dashboards)
    assert all(len(one) == 21 for one in ids)
    cards = {item["entity_id"] for item in items if "display" in item}
    assert {item["display"] for item in items if "display" in item} <= DISPLAYS
    placed = [place for item in items for place in item.get("dashcards", [])]
    assert {place["card_id"] for place in placed} == cards
    assert entity_id("Card", "Kørsel") in cards


def test_only_the_aggregated_schema_is_read(content: Content) -> None:
    for question in content.questions:
        assert "reporting.rpt_" in question.sql
        assert "marts." not in question.sql
        assert "sum(" not in question.sql


def test_the_exposure_names_what_the_questions_read(content: Content) -> None:
    exposures = json.loads(ensure_manifest().read_text("utf-8"))["exposures"].values()
    [found] = [item for item in exposures if item["name"] == "metabase"]
    named = {node.rsplit(".", 1)[1] for node in found["depends_on"]["nodes"]}
    read = {name for one in content.questions for name in re.findall(r"rpt_\w+", one.sql)}
    assert named == read


def test_the_command_writes_files_and_tells_the_server(
    server: Metabase, content: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "raaderum.toml"
    config.write_text("", encoding="utf-8")
    asked = ["bi", "metabase", "--out", str(tmp_path / "m"), "--config", str(config)]
    quiet = CliRunner().invoke(app, asked)
    assert quiet.exit_code == 0
    assert "no server was told" in quiet.output
    assert len(list((tmp_path / "m").rglob("*.yaml"))) > len(content.questions)
    config.write_text(f'[metabase]\nurl = "{server.url}"\n', encoding="utf-8")
    refused = CliRunner().invoke(app, asked)
    assert isinstance(refused.exception, ConfigurationError)
    assert METABASE_KEY in str(refused.exception)
    monkeypatch.setenv(METABASE_KEY, KEY)
    assert "made: Overblik" in CliRunner().invoke(app, asked).output
    assert "0 made, 0 changed" in CliRunner().invoke(app, asked).output
