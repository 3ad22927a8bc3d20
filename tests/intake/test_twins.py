"""A file that arrives twice under two names is read once."""

from dataclasses import replace

from orchestration.intake.profiles import ColumnMap
from tests.intake.conftest import House, posting, postings


def test_a_file_that_arrives_twice_is_read_once_and_told(ledger: House) -> None:
    text = postings([posting(1), posting(2), posting(3, "1.2.3")])
    ledger.deliver("postings.csv", text)
    ledger.deliver("postings (1).csv", text)
    counts = {count.file: count for count in ledger.loaded().counts}
    assert (counts["postings.csv"].rows_loaded, counts["postings.csv"].rows_rejected) == (2, 1)
    twin = counts["postings (1).csv"]
    assert (twin.rows_read, twin.rows_superseded, twin.rows_rejected) == (3, 3, 0)
    rules = ledger.rows("load_errors", "rule, file")
    assert ("file_twice", "postings (1).csv") in rules
    assert ledger.load() is None, "an unchanged night"


def test_the_last_of_twins_has_the_last_word(ledger: House) -> None:
    """A change that was undone: the newest full extract is the oldest one again."""
    for month, amount in (("01", "1.00"), ("02", "2.00"), ("03", "1.00")):
        ledger.deliver(f"postings-{month}.csv", postings([posting(1, amount)]))
    ledger.loaded()
    assert ledger.rows("postings", "amount::varchar, _file") == [("1.00", "postings-03.csv")]


def test_rows_that_are_numbered_by_file_are_not_doubled(ledger: House) -> None:
    entity = ledger.profile.entities["postings"]
    columns = entity.columns | {"posting_id": ColumnMap(derive="file_and_row")}
    numbered = entity.model_copy(update={"columns": columns})
    profile = ledger.profile.model_copy(update={"entities": {"postings": numbered}})
    house = replace(ledger, profile=profile)
    text = postings([posting(1, "10.00"), posting(2, "5.00")])
    house.deliver("postings.csv", text)
    house.deliver("postings_copy.csv", text)
    house.loaded()
    assert house.rows("postings", "sum(amount)::varchar, min(_file)") == [("15.00", "postings.csv")]
