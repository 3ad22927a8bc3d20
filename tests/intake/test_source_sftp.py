"""Deliveries by SFTP, against a real server: who it is, who we are, and what is not finished."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
import pytest

from orchestration.intake.arrivals import Source
from orchestration.intake.load import LoadReport, load_source
from orchestration.intake.profiles import canonical
from orchestration.intake.sources import open_source
from orchestration.intake.sources.base import Context, LocationError, SourceUnavailableError
from orchestration.intake.sources.options import SourceOptions
from tests.intake.conftest import House, posting, postings
from tests.servers.sftp import PASSWORD, SftpServer

OLD = 1_700_000_000


@dataclass
class Delivery:
    """A ledger that is delivered to an SFTP server, and the settings of the source."""

    house: House
    server: SftpServer
    options: dict[str, object] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, text: str, modified: float = OLD) -> Path:
        path = self.server.folder / name
        path.write_text(text, encoding="utf-8")
        os.utime(path, (modified, modified))
        return path

    def source(self, url: str | None = None) -> Source:
        options = SourceOptions(attempts=2, connect_seconds=10, **self.options)  # type: ignore[arg-type]
        secrets = {f"RAADERUM_SECRET_FINANCE_{name}": text for name, text in self.secrets.items()}
        context = Context("finance", options, self.house.folder, secrets.get, self.house.profile)
        origin = open_source(url or self.server.url, context)
        return Source("finance", canonical("finance"), origin)

    def load(self) -> LoadReport | None:
        return load_source(self.source(), self.house.place)

    def ids(self) -> list[str]:
        return [row[0] for row in self.house.rows("postings", "posting_id")]


@pytest.fixture
def delivery(ledger: House, tmp_path: Path) -> Iterator[Delivery]:
    folder = tmp_path / "server"
    folder.mkdir()
    server = SftpServer(folder)
    server.start()
    yield Delivery(ledger, server, {"host_key": server.fingerprint}, {"PASSWORD": PASSWORD})
    server.stop()


def test_files_are_fetched_with_a_password(delivery: Delivery) -> None:
    delivery.put("postings.csv", postings([posting(1), posting(2)]))
    delivery.put(".hidden.csv", "x")
    delivery.put("postings-2.csv.filepart", "x")
    report = delivery.load()
    assert report is not None
    assert [count.file for count in report.counts] == ["postings.csv"]
    assert delivery.ids() == ["P1", "P2"]


def test_an_unchanged_night_transfers_nothing(delivery: Delivery) -> None:
    delivery.put("postings.csv", postings([posting(1)]))
    assert delivery.load() is not None
    reads = delivery.server.reads
    for copy in delivery.house.place.landing.rglob("postings.csv"):
        copy.unlink()
    assert delivery.load() is None
    assert delivery.server.reads == reads


def test_a_changed_file_is_fetched_anew(delivery: Delivery) -> None:
    delivery.put("postings.csv", postings([posting(1)]))
    delivery.load()
    delivery.put("postings.csv", postings([posting(2)]), OLD + 60)
    assert delivery.load() is not None
    assert delivery.ids() == ["P1", "P2"]


@pytest.mark.parametrize("passphrase", [None, "of the key"])
def test_a_private_key_opens_the_door(
    delivery: Delivery, tmp_path: Path, passphrase: str | None
) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    delivery.server.authorized = key
    path = tmp_path / "id"
    path.write_bytes(key.export_private_key("pkcs8-pem", passphrase=passphrase))
    delivery.options["private_key"] = str(path)
    delivery.secrets = {"KEY": passphrase} if passphrase else {}
    delivery.put("postings.csv", postings([posting(1)]))
    assert delivery.load() is not None
    assert delivery.server.logins == 0


def test_an_unknown_host_key_is_refused_with_the_way_out(
    delivery: Delivery, tmp_path: Path
) -> None:
    """No password is sent to a server that is not known."""
    (tmp_path / "known_hosts").write_text("", encoding="utf-8")
    delivery.options = {"known_hosts": str(tmp_path / "known_hosts")}
    with pytest.raises(SourceUnavailableError) as refused:
        delivery.load()
    assert f'host_key = "{delivery.server.fingerprint}"' in str(refused.value)
    assert delivery.server.logins == 0


def test_a_host_key_that_changed_is_refused(delivery: Delivery) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519")
    delivery.options["host_key"] = other.get_fingerprint()
    with pytest.raises(SourceUnavailableError, match="not the one in `host_key`"):
        delivery.load()
    assert delivery.server.logins == 0


def test_known_hosts_and_a_pinned_line_are_enough(delivery: Delivery, tmp_path: Path) -> None:
    delivery.put("postings.csv", postings([posting(1)]))
    line = delivery.server.public_line
    hosts = tmp_path / "known_hosts"
    hosts.write_text(f"[127.0.0.1]:{delivery.server.port} {line}\n", encoding="utf-8")
    delivery.options = {"known_hosts": str(hosts)}
    assert delivery.source().origin.offered()
    delivery.options = {"host_key": line}
    assert delivery.source().origin.offered()


def test_a_wrong_password_is_no_network_error(delivery: Delivery) -> None:
    delivery.secrets = {"PASSWORD": "wrong horse"}
    with pytest.raises(SourceUnavailableError, match="RAADERUM_SECRET_FINANCE_PASSWORD") as refused:
        delivery.load()
    assert "wrong horse" not in str(refused.value)
    assert delivery.server.logins == 1


def test_a_password_in_the_location_is_refused(delivery: Delivery) -> None:
    with pytest.raises(LocationError, match="does not belong in location"):
        delivery.source("sftp://someone:secret@127.0.0.1/out")


def test_a_file_that_grows_while_it_is_read_waits(delivery: Delivery) -> None:
    """The other files of the same snapshot wait with it: alone they would close its rows."""
    delivery.put("postings-1.csv", postings([posting(1)]))
    delivery.put("postings-2.csv", postings([posting(2)]))
    delivery.put("budget.csv", "year,account,version,amount\n2024,5282010010003146,original,5\n")

    def grow(server: SftpServer, path: Path) -> None:
        if path.name == "postings-2.csv":
            with path.open("a", encoding="utf-8") as handle:
                handle.write("P3,")
            server.on_read = None

    delivery.server.on_read = grow
    report = delivery.load()
    assert report is not None
    assert {count.entity for count in report.counts} == {"budget"}
    assert ("postings-2.csv", "file_unfinished") in delivery.house.rows("load_errors", "file, rule")
    delivery.server.on_read = None
    delivery.put("postings-2.csv", postings([posting(2), posting(3)]))
    assert delivery.load() is not None
    assert delivery.ids() == ["P1", "P2", "P3"]


def test_a_file_of_the_last_minute_waits(delivery: Delivery) -> None:
    path = delivery.put("postings.csv", postings([posting(1)]))
    os.utime(path)
    assert delivery.load() is None
    delivery.options["settle_seconds"] = 0
    assert delivery.load() is not None


def test_a_transfer_that_is_cut_never_lands_and_comes_the_next_night(delivery: Delivery) -> None:
    rows = [posting(number) for number in range(120_000)]
    delivery.put("postings.csv", postings(rows))

    def cut(server: SftpServer, path: Path) -> None:
        if server.reads % 40 == 0:
            server.cut()

    delivery.server.on_read = cut
    with pytest.raises(SourceUnavailableError, match="could not fetch"):
        delivery.load()
    assert not list(delivery.house.place.landing.rglob("*.csv"))
    assert not list(delivery.house.place.landing.rglob("*.part"))
    delivery.server.on_read = None
    report = delivery.load()
    assert report is not None
    assert sum(count.rows_loaded for count in report.counts) == len(rows)


def test_a_transfer_that_is_cut_once_is_tried_again(delivery: Delivery) -> None:
    delivery.put("postings.csv", postings([posting(number) for number in range(120_000)]))

    def cut(server: SftpServer, path: Path) -> None:
        server.on_read = None
        server.cut()

    delivery.server.on_read = cut
    assert delivery.load() is not None


def test_a_server_that_is_gone_is_named(delivery: Delivery) -> None:
    delivery.put("postings.csv", postings([posting(1)]))
    source = delivery.source()
    delivery.server.stop()
    with pytest.raises(SourceUnavailableError, match="tried 2 times; check the network"):
        source.origin.offered()
    delivery.server.start()
    assert source.origin.offered()
