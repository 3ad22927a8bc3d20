"""Filters and subscriptions on a strict stand-in for Metabase, which its own client judges."""

import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from exports.metabase import (
    Content,
    MetabaseError,
    Subscription,
    apply_content,
    connect,
)
from exports.metabase.content import Question
from orchestration.settings import MetabaseSettings
from tests.exports.official import run_official
from tests.servers.metabase import KEY, Metabase

EVERY_DAY = Subscription("Overblik", ("leder@kommune.example", "oekonomi@kommune.example"), 7)
WEEKLY = Subscription("Opfølgning og sagstal", ("team@kommune.example",), 8, "mon")


def put(server: Metabase, content: Content, *subscriptions: Subscription):
    with connect(server.url, KEY) as api:
        return apply_content(content, api, "Råderum", None, subscriptions)


def dashboard(server: Metabase, name: str) -> dict[str, Any]:
    [found] = [one for one in server.things["dashboard"].values() if one["name"] == name]
    return found


def test_a_filter_reaches_every_question_that_has_its_column(
    server: Metabase, content: Content
) -> None:
    put(server, content)
    for board in content.dashboards:
        kept = dashboard(server, board.name)
        names = {one["id"]: one["slug"] for one in kept["parameters"]}
        assert set(names.values()) == board.tags
        for place, question in zip(kept["dashcards"], board.questions, strict=True):
            reached = {names[one["parameter_id"]] for one in place["parameter_mappings"]}
            assert reached == set(question.filters)
    assert len({board.name for board in content.dashboards if board.tags}) >= 7


def test_a_filter_is_held_against_the_column_that_the_question_names(
    server: Metabase, content: Content
) -> None:
    put(server, content)
    by_name = {question.name: question for question in content.questions}
    for card in server.things["card"].values():
        tags = card["dataset_query"]["stages"][0]["template-tags"]
        columns = {tag: ".".join(server.fields[one["dimension"][2]]) for tag, one in tags.items()}
        assert columns == by_name[card["name"]].filters


def test_a_filter_that_somebody_cut_off_is_tied_again(server: Metabase, content: Content) -> None:
    put(server, content)
    dashboard(server, "Overblik")["dashcards"][0]["parameter_mappings"] = []
    dashboard(server, "Refusion")["parameters"] = []
    assert put(server, content).changed == ["Overblik", "Refusion"]
    assert put(server, content).changed == []


def test_a_column_that_the_server_has_not_found_is_named(
    server: Metabase, content: Content
) -> None:
    server.fields = {
        number: name for number, name in server.fields.items() if name[0] != "rpt_refund_year"
    }
    with pytest.raises(MetabaseError, match=r"rpt_refund_year\.year.*Sync database schema"):
        put(server, content)
    assert server.changes == [("POST", "/api/collection")]


def test_subscriptions_are_made_once_mended_and_ended(server: Metabase, content: Content) -> None:
    first = put(server, content, EVERY_DAY, WEEKLY)
    assert first.made[-2:] == ["Råderum: Overblik", "Råderum: Opfølgning og sagstal"]
    with connect(server.url, KEY) as api:
        [kept, _] = api.get("/api/pulse")
    assert len(kept["cards"]) == len(dashboard(server, "Overblik")["dashcards"])
    server.changes.clear()
    again = put(server, content, EVERY_DAY, WEEKLY)
    assert (again.made, again.changed, server.changes) == ([], [], [])
    later = put(server, content, replace(EVERY_DAY, hour=9))
    assert later.changed == ["Råderum: Overblik", "Råderum: Opfølgning og sagstal, ended"]
    assert [one["archived"] for one in server.things["pulse"].values()] == [False, True]
    # A dashboard that is laid out anew has new cards: its subscription follows.
    dashboard(server, "Overblik")["dashcards"].pop()
    assert put(server, content, replace(EVERY_DAY, hour=9)).changed == [
        "Overblik",
        "Råderum: Overblik",
    ]


def test_a_subscription_that_somebody_else_made_is_left_alone(
    server: Metabase, content: Content
) -> None:
    put(server, content)
    board = dashboard(server, "Overblik")
    [place, *_] = board["dashcards"]
    theirs = {
        "name": "Min",
        "dashboard_id": board["id"],
        "cards": [{"id": place["card_id"], "dashboard_card_id": place["id"]}],
        "channels": [EVERY_DAY.channel],
    }
    with connect(server.url, KEY) as api:
        made = api.post("/api/pulse", theirs)
    put(server, content)
    assert server.things["pulse"][made["id"]]["archived"] is False


def test_wrong_subscriptions_are_refused(server: Metabase, content: Content) -> None:
    with pytest.raises(MetabaseError, match="Oversigt, which is no dashboard of ours"):
        put(server, content, replace(EVERY_DAY, dashboard="Oversigt"))
    twice = [{"dashboard": "Overblik", "recipients": ["a@kommune.example"]}] * 2
    with pytest.raises(ValidationError, match="Overblik has two subscriptions"):
        MetabaseSettings.model_validate({"subscriptions": twice})


def test_a_tag_without_a_column_is_refused() -> None:
    with pytest.raises(ValidationError, match="tags of its SQL"):
        Question(name="q", display="table", width=24, sql="select 1 [[where {{aar}}]]")


def test_what_is_left_out_and_what_is_put_in(content: Content) -> None:
    question = Question(
        name="q",
        display="table",
        width=24,
        sql="select 1 from t where [[{{aar}} --]] year = 2026\n[[and {{team}}]]",
        filters={"aar": "t.year", "team": "t.team"},
    )
    assert question.unfiltered == "select 1 from t where  year = 2026\n"
    chosen = question.filtered({"aar": "t.year = 2020"})
    assert chosen == "select 1 from t where t.year = 2020 -- year = 2026\n"
    assert all("[[" not in one.unfiltered for one in content.questions)


@pytest.mark.parametrize("kind", ["collection", "card", "dashboard", "subscription"])
def test_the_official_client_reads_what_was_put_there(
    server: Metabase, content: Content, kind: str, tmp_path
) -> None:
    """It refuses answers of a shape that no Metabase gives, so the stand-in is held to it."""
    put(server, content, EVERY_DAY)
    things = server.things["pulse" if kind == "subscription" else kind]
    number = next(iter(things))
    done = run_official(
        "mb", kind, "get", str(number), "--json", "--full", "--skip-preflight",
        "--url", server.url, "--api-key", KEY,
        environment={"XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["name"] == things[number]["name"]
