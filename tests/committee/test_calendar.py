"""Before a meeting: drafted, reminded of, delivered to real servers, each once."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from orchestration import jobs
from orchestration.alerts import URLS, runbook
from orchestration.committee import receipts, store
from orchestration.committee.approvals import approve
from orchestration.committee.calendar import Due, due_work
from orchestration.committee.delivery import deliver
from orchestration.committee.drafts import make_draft
from orchestration.committee.schedule import do_due
from orchestration.committee.targets import DeliveryError
from orchestration.refusal import Refusal
from orchestration.settings import ConfigurationError
from tests.committee.conftest import MEETING, NOW, House
from tests.servers.alerts import Received, mail_server
from tests.servers.sftp import PASSWORD, SftpServer


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[Received]:
    with mail_server() as received:
        monkeypatch.setenv(URLS, received.url)
        yield received


@pytest.fixture
def sftp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    folder = tmp_path / "server"
    folder.mkdir()
    server = SftpServer(folder)
    server.start()
    monkeypatch.setenv("RAADERUM_SECRET_COMMITTEE_ARCHIVE_PASSWORD", PASSWORD)
    yield server
    server.stop()


def day(before: int) -> datetime:
    moment = datetime.combine(MEETING - timedelta(days=before), datetime.min.time())
    return moment.replace(hour=8, tzinfo=ZoneInfo("Europe/Copenhagen"))


def works(house: House, before: int) -> list[str]:
    """What is due so many days before the meeting."""
    due = due_work(house.settings, house.state, day(before).date())
    return [one.key.replace(f" {MEETING}", "") for one in due if one.meeting == MEETING]


def work(house: House, before: int) -> None:
    now = day(before)
    due = due_work(house.settings, house.state, now.date())
    do_due(house.settings, house.state, due, now, lambda _: None)


def approved(house: House) -> store.Pack:
    make_draft(house.settings, house.state, MEETING)
    return approve(house.settings, house.state, MEETING, "Mette Chef", NOW)


def test_the_draft_is_made_some_days_ahead_and_told_of(house: House, mail: Received) -> None:
    house.committee = {"draft_days": 10, "remind_days": []}
    assert works(house, 11) == []
    assert works(house, 10) == ["draft"]
    work(house, 10)
    draft = store.kept_draft(house.state, MEETING)
    assert draft is not None
    (text,) = mail.texts
    assert "udkast til udvalgsmødet den 9. december 2026 ligger klar" in text
    assert draft.draft in text
    assert works(house, 10) == works(house, 1) == []


def test_reminders_come_on_their_days_until_it_is_approved(house: House, mail: Received) -> None:
    house.committee = {"remind_days": [7, 3]}
    work(house, 8)
    mail.texts.clear()
    # The machine was off on the seventh day.
    assert works(house, 5) == ["remind 7"]
    work(house, 5)
    assert works(house, 4) == []
    house.publish("20261130-bbbb2222", mean=120e6)
    work(house, 3)
    first, second = mail.texts
    assert "er ikke godkendt" in first
    assert "Dage til mødet: 5." in first
    assert "ændret, siden udkastet" not in first
    assert "ændret, siden udkastet" in second
    assert "--approve" in second
    approved(house)
    assert works(house, 1) == []


def test_a_reminder_that_nobody_took_is_sent_again(house: House, mail: Received) -> None:
    house.committee = {"draft_days": 0}
    mail.refuse = True
    with pytest.raises(Refusal, match=r"committee remind .*did not take"):
        work(house, 7)
    mail.refuse = False
    assert works(house, 7) == ["remind 7"]
    work(house, 7)
    assert works(house, 7) == []


def test_an_approved_pack_goes_to_every_target_once(
    house: House, mail: Received, sftp: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAADERUM_SECRET_COMMITTEE_SECRETARY_URLS", mail.url)
    (house.folder / "share").mkdir()
    archive = {"location": sftp.url + "in", "host_key": sftp.fingerprint, "attempts": 2}
    house.committee = {
        "deliver_days": 5,
        "targets": {
            "share": {"location": "share"},
            "archive": archive,
            "secretary": {"location": "mail"},
        },
    }
    pack = approved(house)
    assert works(house, 6) == []
    assert works(house, 5) == ["deliver share", "deliver archive", "deliver secretary"]
    work(house, 5)
    for folder in (house.folder / "share", sftp.folder / "in"):
        there = folder / str(MEETING) / "udgave-1"
        assert {path.name: path.read_bytes() for path in there.iterdir()} == pack.files()
    (text,), (files,) = mail.texts, mail.attachments
    assert "forventet regnskab til udvalgsmødet den 9. december 2026" in text
    assert pack.sha256 in text
    assert files == {name: pack.files()[name] for name in ("rapport.pdf", "tal.xlsx")}
    found = receipts.receipt(house.state, pack, "archive")
    assert found is not None
    assert PASSWORD not in json.dumps(found)
    assert found["files_sha256"] == pack.sha256
    # Whatever is started anew: nothing is sent twice.
    assert works(house, 5) == works(house, 0) == []
    assert not deliver(house.settings, house.state, pack, "secretary", NOW)
    assert len(mail.texts) == 1


def test_a_correction_is_delivered_too_and_says_what_it_corrects(
    house: House, mail: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAADERUM_SECRET_COMMITTEE_SECRETARY_URLS", mail.url)
    house.committee = {"targets": {"secretary": {"location": "mail"}}}
    approved(house)
    work(house, 2)
    house.comment("Rettet.")
    make_draft(house.settings, house.state, MEETING)
    approve(house.settings, house.state, MEETING, "Mette Chef", NOW, reason="en note manglede")
    assert works(house, 1) == ["deliver secretary"]
    work(house, 1)
    first, second = mail.texts
    assert "1. udgave" in first
    assert "2. udgave" in second
    assert "Rettet: en note manglede" in second


def test_a_target_that_is_down_holds_up_no_other_and_is_tried_again(
    house: House, sftp: SftpServer
) -> None:
    (house.folder / "share").mkdir()
    archive = {"location": sftp.url, "host_key": sftp.fingerprint, "attempts": 1}
    house.committee = {"targets": {"archive": archive, "share": {"location": "share"}}}
    approved(house)
    sftp.stop()
    with pytest.raises(Refusal, match=r"committee deliver .* took no files") as caught:
        work(house, 1)
    assert runbook(str(caught.value)) == "committee-pack.md"
    assert works(house, 1) == ["deliver archive"]
    sftp.start()
    work(house, 1)
    assert works(house, 1) == []


def test_a_server_that_is_another_one_gets_nothing(house: House, sftp: SftpServer) -> None:
    archive = {"location": sftp.url, "host_key": "SHA256:" + "A" * 43, "attempts": 3}
    house.committee = {"targets": {"archive": archive}}
    pack = approved(house)
    with pytest.raises(DeliveryError, match="not the one in `host_key`"):
        deliver(house.settings, house.state, pack, "archive", NOW)
    assert sftp.logins == 0
    assert not list(sftp.folder.iterdir())


def test_mail_that_may_have_arrived_is_not_sent_again_by_itself(
    house: House, mail: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAADERUM_SECRET_COMMITTEE_SECRETARY_URLS", mail.url)
    house.committee = {"targets": {"secretary": {"location": "mail"}}}
    pack = approved(house)
    mail.refuse = True
    with pytest.raises(DeliveryError, match="did not take the mail"):
        deliver(house.settings, house.state, pack, "secretary", NOW)
    mail.refuse = False
    # The process ended between the server's answer and the receipt.
    receipts.mark(house.state, pack, "secretary")
    with pytest.raises(DeliveryError, match="may have arrived; ask the receiver"):
        deliver(house.settings, house.state, pack, "secretary", NOW)
    assert mail.texts == []
    assert deliver(house.settings, house.state, pack, "secretary", NOW, again=True)
    assert len(mail.texts) == 1


def test_a_pack_that_was_touched_is_not_delivered(house: House) -> None:
    (house.folder / "share").mkdir()
    house.committee = {"targets": {"share": {"location": "share"}}}
    pack = approved(house)
    path = pack.folder / "rapport.pdf"
    path.chmod(0o644)
    path.write_bytes(b"andet")
    with pytest.raises(DeliveryError, match=r"rapport\.pdf was changed"):
        deliver(house.settings, house.state, pack, "share", NOW)
    assert not list((house.folder / "share").iterdir())


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({"location": "mail"}, "RAADERUM_SECRET_COMMITTEE_X_URLS"),
        ({"location": "ftp://host/folder"}, "known are a folder, sftp://, mail"),
        ({"location": "sftp://host/folder"}, "names no host or no user"),
    ],
)
def test_a_wrong_target_says_what_to_set(house: House, target: dict[str, str], said: str) -> None:
    house.committee = {"targets": {"x": target}}
    with pytest.raises(ConfigurationError, match=said):
        deliver(house.settings, house.state, approved(house), "x", NOW)


def test_an_approved_pack_that_is_not_among_the_published_is_put_there(house: House) -> None:
    """The machine went down between the approval and the switch."""
    approved(house)
    house.publish("20261130-bbbb2222")
    assert works(house, 30) == ["publish"]
    work(house, 30)
    assert works(house, 30) == []


def test_nothing_is_due_without_a_published_run_or_after_the_meeting(tmp_path: Path) -> None:
    house = House(tmp_path)
    assert due_work(house.settings, house.state, MEETING) == []
    house.publish()
    assert Due("draft", MEETING) in due_work(house.settings, house.state, MEETING)
    assert due_work(house.settings, house.state, MEETING + timedelta(days=1)) == []


def test_dagster_starts_the_work_once_for_what_is_due(
    house: House, monkeypatch: pytest.MonkeyPatch, mail: Received
) -> None:
    days = (MEETING - date.today()).days  # noqa: DTZ011 - the sensor's own day
    house.committee = {"draft_days": max(days, 0) + 1, "remind_days": []}
    monkeypatch.setattr(jobs, "_surroundings", lambda: (house.settings, house.state))
    if days < 0:
        pytest.skip("the sample's meeting is over")

    def look() -> dg.RunRequest | dg.SkipReason:
        with dg.DagsterInstance.ephemeral() as instance:
            return jobs.meeting_calendar(dg.build_sensor_context(instance=instance))

    first, second = look(), look()
    assert isinstance(first, dg.RunRequest)
    assert isinstance(second, dg.RunRequest)
    assert first.run_key == second.run_key
    assert f"draft {MEETING}" in str(first.run_key)
    assert jobs.committee.execute_in_process().success
    assert store.kept_draft(house.state, MEETING) is not None
    assert isinstance(look(), dg.SkipReason)
