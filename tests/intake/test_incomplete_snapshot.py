"""A snapshot of which one file cannot be read: what that file told before still holds."""

from tests.intake.conftest import House, posting, postings


def test_a_snapshot_without_one_of_its_files_sets_nothing_aside(ledger: House) -> None:
    ledger.deliver("postings_1.csv", postings([posting(1)]))
    ledger.deliver("postings_2.csv", postings([posting(2)]))
    ledger.loaded()
    ledger.deliver("postings_1.csv", b"")
    ledger.deliver("postings_2.csv", postings([posting(2, "7.00")]))
    ledger.loaded()
    delivered = ledger.rows("postings", "_load_seq, _delivery, posting_id")
    assert delivered == [(1, "snapshot", "P1"), (1, "snapshot", "P2"), (2, "changes", "P2")]
    assert ledger.load() is None
    ledger.deliver("postings_1.csv", postings([posting(1, "8.00")]))
    ledger.loaded()
    assert ledger.rows("postings", "distinct _delivery", "_load_seq = 3") == [("snapshot",)]
    assert ledger.rows("load_files", "distinct load_seq, delivery") == [
        (1, "snapshot"),
        (2, "changes"),
        (3, "snapshot"),
    ]


def test_an_unreadable_file_that_is_new_leaves_the_snapshot_whole(ledger: House) -> None:
    ledger.deliver("postings_1.csv", postings([posting(1), posting(2)]))
    ledger.loaded()
    ledger.deliver("postings_1.csv", postings([posting(2)]))
    ledger.deliver("postings_2.csv", b"")
    for seq in (2, 3):
        ledger.loaded()
        found = ledger.rows("postings", "_delivery, posting_id", f"_load_seq = {seq}")
        assert found == [("snapshot", "P2")]
        ledger.deliver("postings_1.csv", postings([posting(2)]) + "\n")
