"""Alerts through a real mail server and real webhooks: what they say, how often, and to whom."""

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration import jobs
from orchestration.alerts import (
    URLS,
    alert_urls,
    runbook,
    send_test,
    tell_failure,
    tell_success,
)
from orchestration.settings import ConfigurationError, Settings
from orchestration.state import State
from tests.servers.alerts import Received, mail_server, webhook

ROOT = Path(__file__).parents[2]
REASON = "source cases: the folder is not there"


@pytest.fixture
def state(tmp_path: Path) -> State:
    published = tmp_path / "published" / "current"
    published.mkdir(parents=True)
    manifest = {
        "run_id": "20261031-1234abcd",
        "as_of": "2026-10-31",
        "load_ids": [],
        "code_version": "c",
        "data_version": "d",
        "published_at": "2026-11-01T03:40:00+00:00",
        "files": [],
    }
    (published / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return State(tmp_path)


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[Received]:
    with mail_server() as received:
        monkeypatch.setenv(URLS, received.url)
        yield received


def test_a_failure_says_what_since_when_what_is_served_and_where_help_is(
    mail: Received, state: State
) -> None:
    assert tell_failure(Settings(), state, REASON, "run-1")
    (text,) = mail.texts
    assert "Eksempel Kommune: the nightly run failed" in text
    assert REASON in text
    assert "(the first time)" in text
    assert "run 20261031-1234abcd, as of 2026-10-31" in text
    assert "docs/runbooks/source-unavailable.md" in text


def test_it_is_said_since_when_and_once_that_it_works_again(mail: Received, state: State) -> None:
    tell_failure(Settings(), state, REASON, "run-1")
    since = mail.texts[0].partition("Since: ")[2].split()[0]
    tell_failure(Settings(), state, REASON, "run-2")
    assert f"Since: {since}" in mail.texts[1]
    assert "first time" not in mail.texts[1]
    assert tell_success(Settings(), state)
    assert "works again" in mail.texts[2]
    assert f"failed since {since}" in mail.texts[2]
    assert not tell_success(Settings(), state)
    assert len(mail.texts) == 3


def test_one_run_is_told_of_once(mail: Received, state: State) -> None:
    """By the command and by Dagster's sensor."""
    assert tell_failure(Settings(), state, REASON, "run-1")
    assert not tell_failure(Settings(), state, REASON, "run-1")
    assert len(mail.texts) == 1


def test_teams_is_sent_a_card(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook(tmp_path, tls=True) as teams:
        monkeypatch.setenv(URLS, teams.url)
        assert tell_failure(Settings(), state, REASON, None)
    (payload,) = teams.payloads
    assert payload["type"] == "message"
    (card,) = payload["attachments"]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert REASON in json.dumps(card["content"], ensure_ascii=False)


def test_every_address_gets_it_and_one_that_refuses_fails_nothing(
    mail: Received, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook(tmp_path, tls=False) as hook:
        monkeypatch.setenv(URLS, f"{mail.url}\n{hook.url}")
        assert tell_failure(Settings(), state, REASON, "run-1")
        hook.refuse = True
        assert not tell_failure(Settings(), state, REASON, "run-2")
        with pytest.raises(ConfigurationError, match="did not take the test message"):
            send_test(Settings(), state)
    assert len(hook.payloads) == 1
    assert len(mail.texts) == 3
    # Nobody listens there any more.
    assert not tell_failure(Settings(), state, REASON, "run-3")


def test_no_cpr_number_is_sent(mail: Received, state: State) -> None:
    tell_failure(Settings(), state, "row 5: 010190-1234 and 0101901234 are no dates", "run-1")
    assert "0101" not in mail.texts[0]
    assert "[CPR]" in mail.texts[0]


def test_a_wrong_address_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        URLS, "mailto://smtp.example.dk?from=c@b.dk&to=a@b.dk\nnonsense://user:hunter2@host"
    )
    with pytest.raises(ConfigurationError, match="number 2 ") as caught:
        alert_urls()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("reason", "page"),
    [
        ("[Errno 28] No space left on device", "disk-full.md"),
        ("(sqlite3.OperationalError) disk I/O error (0 MB left on the disk)", "disk-full.md"),
        ("the PostgreSQL target db/x cannot be used: refused", "postgresql-target-down.md"),
        ("source finance: the folder X is not there", "source-unavailable.md"),
        ("3 blocking checks failed: ledger_identity", "nightly-run-failed.md"),
    ],
)
def test_the_runbook_fits_and_exists(reason: str, page: str) -> None:
    assert runbook(reason) == page
    assert (ROOT / "docs" / "runbooks" / page).is_file()


def test_dagsters_sensor_tells_what_failed(
    mail: Received, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that Dagster launched is told of by its sensor."""
    monkeypatch.setenv("RAADERUM_HOME", str(state.home))

    @dg.op
    def breaks() -> None:
        raise RuntimeError("source cases: the folder is not there")

    @dg.job(name="nightly")
    def nightly() -> None:
        breaks()

    with dg.DagsterInstance.ephemeral() as instance:
        result = nightly.execute_in_process(instance=instance, raise_on_error=False)
        context = dg.build_run_status_sensor_context(
            sensor_name="run_failed",
            dagster_instance=instance,
            dagster_run=result.dagster_run,
            dagster_event=result.all_events[-1],
        ).for_run_failure()
        jobs.run_failed(context)
        jobs.run_failed(context)
    (text,) = mail.texts
    assert "What: source cases: the folder is not there" in text
