"""What a delivery does to those before it: deletion marks, replaced slices, rows that vanish."""

from pathlib import Path
from typing import Any

import pytest

from orchestration.intake.accounts import Chart
from orchestration.intake.erased import Erased, Register
from orchestration.intake.profiles import EntityMap, Profile, canonical
from orchestration.privacy.raw_purge import purge_raw
from tests.intake.conftest import House, make_house, posting, postings

BUDGET = "year,account,version,amount,decided_on"


def delivering(profile: Profile, entity: str, **said: Any) -> Profile:
    """The profile, with an entity that is delivered in another way."""
    mapped = EntityMap.model_validate({**profile.entities[entity].model_dump(), **said})
    return profile.model_copy(update={"entities": {**profile.entities, entity: mapped}})


def replaced_by(columns: list[str], root: Path, chart: Chart) -> House:
    profile = delivering(canonical("finance"), "postings", delivery="replacement", replaces=columns)
    return make_house(root, chart, profile)


def of_period(number: int, period: int, amount: str = "1") -> str:
    return posting(number, amount).replace(",3,2024,", f",{period},2024,")


def vanished(house: House, rule: str = "row_vanished") -> list[tuple[Any, ...]]:
    return house.rows("load_errors", "load_seq, file, row_number, value", f"rule = '{rule}'")


# -- changes --------------------------------------------------------------------------------


def test_a_row_marked_as_deleted_needs_its_key_alone(tmp_path: Path, chart: Chart) -> None:
    mark = {"names": ["operation"], "values": ["D", "slet"]}
    profile = delivering(canonical("finance"), "postings", delivery="changes", deleted=mark)
    house = make_house(tmp_path, chart, profile)
    header = "posting_id,posting_date,period,year,account,amount,operation\n"
    house.deliver("postings_1.csv", header + posting(1) + ",I\n" + posting(2) + ",\n")
    house.loaded()
    house.deliver("postings_2.csv", header + "P1,,,,,,d\n,,,,,,D\nP3,,,,,,U\n")
    (count,) = house.loaded().counts
    assert (count.rows_loaded, count.rows_rejected) == (1, 2)
    found = house.rows("postings", "_load_seq, posting_id, _deleted, amount")
    assert found == [(1, "P1", False, 100), (1, "P2", False, 100), (2, "P1", True, None)]
    assert vanished(house) == []


def test_a_file_without_the_mark_is_not_read(tmp_path: Path, chart: Chart) -> None:
    mark = {"names": ["operation"], "values": ["D"]}
    profile = delivering(canonical("finance"), "postings", delivery="changes", deleted=mark)
    house = make_house(tmp_path, chart, profile)
    house.deliver("postings.csv", postings([posting(1)]))
    assert house.loaded().stopped_because == ("postings.csv has no column operation",)


def test_the_same_content_again_is_no_news_but_an_older_one_under_its_name_is(
    tmp_path: Path, chart: Chart
) -> None:
    house = make_house(
        tmp_path, chart, delivering(canonical("finance"), "postings", delivery="changes")
    )
    house.deliver("postings_1.csv", postings([posting(1, "1")]))
    house.loaded()
    house.deliver("postings_2.csv", postings([posting(1, "1")]))
    assert house.load() is None
    house.deliver("postings_1.csv", postings([posting(1, "2")]))
    house.loaded()
    house.deliver("postings_1.csv", postings([posting(1, "1")]))
    house.loaded()
    assert house.rows("postings", "_load_seq, amount") == [(1, 1), (2, 2), (3, 1)]


# -- replacements ---------------------------------------------------------------------------


def test_a_slice_delivered_anew_is_compared_with_what_it_had(tmp_path: Path, chart: Chart) -> None:
    house = replaced_by(["year", "period"], tmp_path, chart).strict()
    house.deliver("postings_1.csv", postings(of_period(n, 1 + n % 2) for n in range(20)))
    house.loaded()
    house.deliver("postings_2.csv", postings(of_period(n, 1, "2") for n in range(0, 16, 2)))
    report = house.loaded()
    assert report.stopped_because == ()
    assert sum(count.rows_vanished for count in report.counts) == 2
    assert vanished(house) == [
        (2, "postings_1.csv", 18, "P16"),
        (2, "postings_1.csv", 20, "P18"),
    ]
    assert house.rows("postings", "distinct _delivery, _replaces") == [
        ("replacement", "year,period")
    ]
    house.deliver("postings_3.csv", postings(of_period(n, 2) for n in (1, 3)))
    (reason,) = house.loaded().stopped_because
    assert reason.startswith("postings of year 2024, period 2 has 2 rows, the last delivery had 10")


def test_replacements_read_anew_keep_their_order(tmp_path: Path, chart: Chart) -> None:
    """Another profile reads every file again at once; what was replaced stays replaced."""
    house = replaced_by(["year"], tmp_path, chart)
    house.deliver("z_postings.csv", postings([posting(1), posting(2)]))
    house.profile = house.profile.model_copy(
        update={
            "entities": {
                "postings": house.profile.entities["postings"].model_copy(
                    update={"files": ("*postings*.csv",)}
                )
            }
        }
    )
    house.loaded()
    house.deliver("postings.csv", postings([posting(2, "7")]))
    house.loaded()
    house.profile = house.profile.model_copy(update={"title": "read in another way"})
    counts = {count.file: count for count in house.loaded().counts}
    assert house.rows("postings", "posting_id, amount", "_load_seq = 3") == [("P2", 7)]
    assert counts["z_postings.csv"].rows_superseded == 2


@pytest.mark.parametrize(
    "said",
    [
        {"delivery": "replacement"},
        {"delivery": "replacement", "replaces": ["account"]},
        {"delivery": "snapshot", "replaces": ["year"]},
        {"deleted": {"names": ["x"], "values": ["D"]}},
    ],
)
def test_a_delivery_that_makes_no_sense_is_refused(said: dict[str, Any]) -> None:
    profile = canonical("finance").model_dump()
    profile["entities"]["postings"].update(said)
    with pytest.raises(ValueError, match=r"replace|changes"):
        Profile.model_validate(profile)


# -- snapshots ------------------------------------------------------------------------------


def test_a_row_that_vanishes_and_one_that_returns_are_told(ledger: House) -> None:
    everything = postings(posting(n) for n in range(10))
    ledger.deliver("postings.csv", everything)
    ledger.loaded()
    ledger.deliver("postings.csv", postings([*(posting(n) for n in range(8)), "P8,x,,,,"]))
    (count,) = ledger.loaded().counts
    assert (count.rows_vanished, count.rows_returned) == (1, 0)
    assert vanished(ledger) == [(2, "postings.csv", 11, "P9")]  # P8 is rejected, and told as that
    ledger.deliver("postings.csv", everything)
    (count,) = ledger.loaded().counts
    assert (count.rows_vanished, count.rows_returned) == (0, 1)
    assert vanished(ledger, "row_returned") == [(3, "postings.csv", 11, "P9")]
    assert ledger.rows("load_files", "rows_vanished, rows_returned", "load_seq > 1") == [
        (0, 1),
        (1, 0),
    ]


def test_a_child_that_vanishes_is_told_by_its_pseudonym(house: House) -> None:
    house.deliver("children.csv", "cpr\n0101901234\n0201901234\n")
    house.loaded()
    house.deliver("children.csv", "cpr\n0101901234\n")
    house.loaded()
    token = house.place.secret.token("0201901234")
    assert vanished(house) == [(2, "children.csv", 3, token)]


def test_an_emptied_snapshot_stops_its_source_unless_it_may_be_empty(ledger: House) -> None:
    strict = ledger.strict()
    strict.deliver("budget.csv", BUDGET + "\n2024,5.28.20,original,5,\n")
    strict.loaded()
    strict.deliver("budget.csv", BUDGET + "\n")
    (reason,) = strict.loaded().stopped_because
    assert reason == "budget has 0 rows, the last delivery had 1 (limit 30% fewer)"
    ledger.loaded()
    assert ledger.rows("load_files", "state, delivery, rows_loaded", "load_seq = 3") == [
        ("loaded", "snapshot", 0)
    ]
    assert vanished(ledger)[0][3] == "2024 | 5.28.20 | original | "
    assert strict.load() is None
    strict.deliver("budget.csv", BUDGET + "\n\n")
    assert strict.loaded().stopped_because == ()  # it was empty before


def test_time_in_the_register_never_runs_backwards(ledger: House) -> None:
    for number in range(3):
        ledger.deliver("postings.csv", postings([posting(number)]))
        ledger.loaded()
    times = [row[1] for row in ledger.rows("load_files", "load_seq, loaded_at")]
    assert times == sorted(set(times))


def test_what_was_told_of_an_erased_child_goes_with_its_rows(house: House) -> None:
    house.deliver("children.csv", "cpr\n0101901234\n0201901234\n0301901234\n")
    house.loaded()
    house.deliver("children.csv", "cpr\n0301901234\n")
    house.loaded()
    gone, stays = (house.place.secret.token(cpr) for cpr in ("0101901234", "0201901234"))
    assert {row[3] for row in vanished(house)} == {gone, stays}
    store = house.place.store
    Register(store.root).add([Erased("person", gone, None, "asked")])
    purge_raw(store, house.place.secret)
    assert {row[3] for row in vanished(house)} == {stays}
