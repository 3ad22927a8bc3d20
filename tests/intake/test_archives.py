"""Deliveries inside .zip and .gz: the same rows as without, whatever is wrong with the archive."""

import gzip
import io
import zipfile
from pathlib import Path

from tests.intake.conftest import House, posting, postings

GOOD = postings(posting(number) for number in range(1, 21))


def zipped(*members: tuple[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def counts(house: House) -> list[tuple[str, int, int]]:
    return [(c.file, c.rows_read, c.rows_loaded) for c in house.loaded().counts]


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_the_files_of_a_zip_are_read_as_if_they_lay_beside_it(ledger: House) -> None:
    budget = "year,account,version,amount\n2026,5.28.20,original,1000.00\n"
    ledger.deliver("night.zip", zipped(("a/postings_1.csv", GOOD), ("budget.csv", budget)))
    ledger.deliver("postings_2.csv", postings([posting(99)]))
    assert sorted(counts(ledger)) == [
        ("night.zip!a!postings_1.csv", 20, 20),
        ("night.zip!budget.csv", 1, 1),
        ("postings_2.csv", 1, 1),
    ]


def test_a_gzip_is_the_file_inside(ledger: House) -> None:
    ledger.deliver("postings.csv.gz", gzip.compress(GOOD.encode()))
    assert counts(ledger) == [("postings.csv.gz!postings.csv", 20, 20)]


def test_landing_keeps_the_files_and_not_their_archives(ledger: House) -> None:
    ledger.deliver("night.zip", zipped(("postings.csv", GOOD)))
    ledger.loaded()
    assert left_in(ledger.place.landing) == ["night.zip!postings.csv"]


def test_the_same_archive_again_is_no_news(ledger: House) -> None:
    ledger.deliver("night.zip", zipped(("postings.csv", GOOD)))
    ledger.loaded()
    assert ledger.load() is None


def test_two_members_of_one_name_are_two_files(ledger: House) -> None:
    other = postings(posting(number) for number in range(50, 53))
    ledger.deliver("night.zip", zipped(("a/postings.csv", GOOD), ("b/postings.csv", other)))
    assert [rows for _, rows, _ in counts(ledger)] == [20, 3]


def test_what_a_mac_or_a_hidden_file_adds_is_left_alone(ledger: House) -> None:
    members = (("postings.csv", GOOD), ("__MACOSX/._postings.csv", b"x"), (".DS_Store", b"x"))
    ledger.deliver("night.zip", zipped(*members))
    assert [file for file, _, _ in counts(ledger)] == ["night.zip!postings.csv"]
    assert ledger.rules() == []


def test_a_path_out_of_the_archive_stays_in_landing(ledger: House) -> None:
    ledger.deliver("night.zip", zipped(("../../postings.csv", GOOD)))
    assert counts(ledger) == [("night.zip!..!..!postings.csv", 20, 20)]
    assert left_in(ledger.place.landing.parent / "delivered") == ["night.zip"]


def test_a_broken_gzip_fails_alone(ledger: House) -> None:
    ledger.deliver("postings_1.csv.gz", gzip.compress(GOOD.encode())[:-12])
    ledger.deliver("postings_2.csv", postings([posting(99)]))
    assert counts(ledger) == [
        ("postings_1.csv.gz!postings_1.csv", 0, 0),
        ("postings_2.csv", 1, 1),
    ]
    assert ("file_unreadable", None, None) in ledger.rules()


def test_a_damaged_member_fails_alone(ledger: House) -> None:
    packed = bytearray(zipped(("postings_1.csv", GOOD), ("postings_2.csv", postings([posting(9)]))))
    packed[60] ^= 0xFF
    ledger.deliver("night.zip", bytes(packed))
    assert [rows for _, rows, _ in counts(ledger)] == [0, 1]
    assert ("file_unreadable", None, None) in ledger.rules()


def test_a_zip_that_is_none_is_said(ledger: House) -> None:
    ledger.deliver("night.zip", b"<html>Not found</html>")
    ledger.deliver("postings.csv", GOOD)
    assert [rows for _, rows, _ in counts(ledger)] == [20]
    assert ("file_unreadable", None, None) in ledger.rules()


def test_a_zip_in_a_zip_is_not_opened_and_said(ledger: House) -> None:
    inner = zipped(("postings.csv", GOOD))
    ledger.deliver("night.zip", zipped(("inner.zip", inner), ("postings_2.csv", GOOD)))
    assert [file for file, _, _ in counts(ledger)] == ["night.zip!postings_2.csv"]
    assert ("file_unreadable", None, None) in ledger.rules()


def test_a_bomb_is_not_unpacked(ledger: House, monkeypatch) -> None:
    monkeypatch.setattr("orchestration.intake.sources.unpacked._SHARE_OF_DISK", 1e-12)
    ledger.deliver("night.zip", zipped(("postings.csv", GOOD)))
    assert counts(ledger) == [("night.zip!postings.csv", 0, 0)]
    assert ("file_unreadable", None, None) in ledger.rules()


def test_rows_in_an_archive_that_cannot_be_opened_still_hold(ledger: House) -> None:
    rest = zipped(("postings_2.csv", postings(posting(number) for number in range(50, 53))))
    ledger.deliver("a.zip", zipped(("postings_1.csv", GOOD)))
    ledger.deliver("b.zip", rest)
    ledger.loaded()
    ledger.deliver("a.zip", zipped(("postings_1.csv", GOOD + "\n")))
    ledger.deliver("b.zip", rest[:60])
    ledger.loaded()
    assert ledger.rows("load_files", "distinct delivery", "load_seq = 2") == [("changes",)]
    assert [rule for rule, *_ in ledger.rules()] == ["file_unreadable"]
    assert ledger.load() is None
    ledger.deliver("b.zip", rest)
    assert [rows for _, rows, _ in counts(ledger)] == [20, 3]
    assert ledger.rows("load_files", "distinct delivery", "load_seq = 3") == [("snapshot",)]
