"""Loads: every row accounted for, re-delivery, thresholds, files that fail alone."""

import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orchestration.intake.accounts import Chart
from orchestration.intake.profiles import Profile, canonical
from tests.intake.conftest import POSTING, House, make_house, posting, postings

CHILDREN = "cpr,birth_date,sex,district,postal_code,address_protected,household_id"


def children(*rows: str) -> str:
    return "\n".join([CHILDREN, *rows]) + "\n"


def changes(feed_profile: Profile) -> Profile:
    entities = {
        name: mapped.model_copy(update={"delivery": "changes"})
        for name, mapped in feed_profile.entities.items()
    }
    return feed_profile.model_copy(update={"entities": entities})


# -- one delivery ---------------------------------------------------------------------------


def test_a_good_row_becomes_typed_and_says_where_it_came_from(ledger: House) -> None:
    ledger.deliver("postings.csv", postings([posting(1, "-12.50", ",0101901234")]))
    report = ledger.loaded()
    columns = (
        "posting_id, posting_date, period, year, account, account_scheme, account_function,"
        " account_dranst, account_ownership, account_grouping, account_art, amount, person_id,"
        " _load_id, _load_seq, _source, _delivery, _file, _row"
    )
    assert ledger.rows("postings", columns) == [
        (
            "P1",
            datetime.date(2024, 3, 1),
            3,
            2024,
            "5282010010003146",
            "authorised",
            "5.28.20",
            "1",
            "0",
            "031",
            "46",
            Decimal("-12.50"),
            ledger.place.secret.token("0101901234"),
            report.load_id,
            1,
            "cases",
            "snapshot",
            "postings.csv",
            2,
        )
    ]
    assert ledger.rules() == []


fates = st.lists(
    st.sampled_from(["good", "again", "bad amount", "bad account", "short", "blank", "header"]),
    max_size=30,
)


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a load takes too long to shrink by
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(fates, min_size=1, max_size=3))
def test_every_row_of_every_file_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, chart: Chart, files: list[list[str]]
) -> None:
    house = make_house(tmp_path_factory.mktemp("house"), chart, canonical("finance"))
    rejected, read = 0, 0
    for number, file in enumerate(files):
        lines = [POSTING]
        for fate in file:
            key = 1000 * number + len(lines)
            line = {
                "good": posting(key) + ",,,,,",
                "again": posting(1) + ",,,,,",
                "bad amount": posting(key, "1.234") + ",,,,,",
                "bad account": posting(key).replace("528201", "999991") + ",,,,,",
                "short": "P,1",
                "blank": "",
                "header": POSTING,
            }[fate]
            lines.append(line)
        rejected += sum(fate.startswith("bad") or fate in ("short", "header") for fate in file)
        read += sum(fate != "blank" for fate in file)
        house.deliver(f"postings_{number}.csv", "\n".join(lines) + "\n")
    counts = house.loaded().counts
    assert sum(count.rows_read for count in counts) == read
    assert sum(count.rows_rejected for count in counts) == rejected
    loaded = house.rows("postings", "posting_id")
    assert sum(count.rows_loaded for count in counts) == len(loaded) == len(set(loaded))
    listed = house.rows("load_errors", "distinct file, row_number", "severity = 'error'")
    assert len(listed) == rejected
    registered = house.rows(
        "load_files", "sum(rows_read), sum(rows_loaded + rows_rejected + rows_superseded)"
    )
    assert registered == [(read, read)]


def test_of_rows_with_one_key_the_last_delivered_is_kept(ledger: House) -> None:
    ledger.deliver("postings_1.csv", postings([posting(1, "1"), posting(2, "2")]))
    ledger.deliver("postings_2.csv", postings([posting(1, "3"), posting(1, "4")]))
    first, second = ledger.loaded().counts
    assert ledger.rows("postings", "posting_id, amount") == [("P1", 4), ("P2", 2)]
    assert (first.rows_superseded, second.rows_superseded) == (1, 1)


def test_a_rejected_row_does_not_supersede_a_good_one(ledger: House) -> None:
    ledger.deliver("postings.csv", postings([posting(1, "1"), posting(1, "many")]))
    (count,) = ledger.loaded().counts
    assert (count.rows_loaded, count.rows_rejected, count.rows_superseded) == (1, 1, 0)


def test_keys_with_a_gap_are_keys(ledger: House) -> None:
    rows = (
        "2024,5.28.20,original,5,\n2024,5.28.20,original,6,\n2024,5.28.20,original,7,2024-05-01\n"
    )
    ledger.deliver("budget.csv", "year,account,version,amount,decided_on\n" + rows)
    (count,) = ledger.loaded().counts
    assert (count.rows_loaded, count.rows_superseded) == (2, 1)


def test_what_is_wrong_is_told_with_place_value_and_remedy(ledger: House) -> None:
    wrong = posting(1).replace("5282010010003146", "582201001")
    ledger.deliver("postings.csv", postings([posting(2), wrong]))
    ledger.loaded()
    columns = "file, row_number, column_name, value, rule, severity, remedy_da"
    assert ledger.rows("load_errors", columns) == [
        (
            "postings.csv",
            3,
            "account",
            "582201001",
            "account_function",
            "error",
            "Ret kontoens funktion, eller tilføj den i ref_functions.csv. Mente du 5.28.20?",
        )
    ]


def test_one_row_may_break_several_rules(ledger: House) -> None:
    ledger.deliver(
        "postings.csv", postings(["P1,2024-02-30,14,2024,5.28.20,1.234,0113901234", ",,,,,"])
    )
    ledger.deliver("postings_more.csv", postings([",2024-02-03,1,2024,,"]))
    ledger.loaded()
    assert ledger.rules() == [
        ("amount", 2, "amount"),
        ("cpr", 2, "cpr"),
        ("date", 2, "posting_date"),
        ("range", 2, "period"),
        ("required", 2, "account"),
        ("required", 2, "amount"),
        ("required", 2, "posting_id"),
    ]


def test_dates_out_of_order_are_rejected(house: House) -> None:
    house.deliver(
        "assessments.csv",
        "assessment_id,case_id,cpr,opened_on,completed_on\n"
        "A1,C1,0101901234,2024-02-01,2024-01-01\nA2,C1,0101901234,2024-02-01,9999-12-31\n",
    )
    house.loaded()
    assert house.rules() == [("date_order", 2, "completed_on")]
    assert house.rows("assessments", "assessment_id, completed_on") == [("A2", None)]


def test_a_repeated_header_is_a_row_like_any_other(ledger: House) -> None:
    ledger.deliver("postings.csv", postings([posting(1)]) + postings([posting(2)]))
    (count,) = ledger.loaded().counts
    assert (count.rows_read, count.rows_loaded, count.rows_rejected) == (3, 2, 1)


def test_headers_meet_whatever_their_blanks_case_and_order(house: House) -> None:
    house.deliver("children.csv", '" SEX ",Birth Date,cpr,shoe size\nf,2015-02-01,0101901234,30\n')
    house.loaded()
    assert house.rows("children", "sex, birth_month") == [("F", datetime.date(2015, 2, 1))]
    assert ("column_unknown", None, "shoe size") in house.rules()


def test_parquet_gives_the_same_raw_rows_as_csv(
    tmp_path: Path, chart: Chart, ledger: House
) -> None:
    text = postings([posting(n, f"{n}.25", ",101901234,12345678") for n in range(1, 20)])
    source = ledger.deliver("postings.csv", text)
    other = make_house(tmp_path / "parquet", chart, canonical("finance"))
    for kinds in ("all_varchar = true", "types = {'account': 'DOUBLE', 'cpr': 'DOUBLE'}"):
        with duckdb.connect() as connection:
            connection.execute(
                f"copy (select * from read_csv('{source.as_posix()}', {kinds}))"
                f" to '{(other.folder / 'postings.parquet').as_posix()}' (format parquet)"
            )
        columns = "* exclude (_load_id, _load_seq, _file)"
        ledger.load()
        report = other.loaded()
        assert report.problems == 0
        rows = other.rows("postings", columns, f"_load_id = '{report.load_id}'")
        assert rows == ledger.rows("postings", columns)


# -- deliveries over time -------------------------------------------------------------------


def test_nothing_new_is_no_load(ledger: House) -> None:
    ledger.deliver("postings.csv", postings([posting(1)]))
    ledger.loaded()
    assert ledger.load() is None


def test_a_snapshot_replaces_the_last_one(ledger: House) -> None:
    ledger.deliver("postings.csv", postings([posting(1, "1"), posting(2, "2"), posting(3, "3")]))
    ledger.loaded()
    ledger.deliver("postings.csv", postings([posting(1, "1"), posting(2, "5")]))
    second = ledger.loaded()
    now = ledger.rows("postings", "posting_id, amount", f"_load_id = '{second.load_id}'")
    assert now == [("P1", 1), ("P2", 5)]
    assert len(ledger.rows("postings")) == 5  # the history is kept


def test_an_unchanged_entity_is_not_read_again(house: House) -> None:
    house.deliver("children.csv", children("0101901234,,,,,,"))
    house.deliver("caseworkers.csv", "caseworker_id,fte,valid_from\nW1,1.0,2024-01-01\n")
    house.loaded()
    house.deliver("caseworkers.csv", "caseworker_id,fte,valid_from\nW1,0.5,2024-01-01\n")
    assert [count.entity for count in house.loaded().counts] == ["caseworkers"]


def test_changes_add_to_what_is_there(tmp_path: Path, chart: Chart) -> None:
    house = make_house(tmp_path, chart, changes(canonical("finance")))
    house.deliver("postings_1.csv", postings([posting(1), posting(2)]))
    house.loaded()
    house.deliver("postings_2.csv", postings([posting(2, "7")]))
    assert [count.file for count in house.loaded().counts] == ["postings_2.csv"]
    columns = "posting_id, amount, _load_seq, _delivery"
    assert house.rows("postings", columns) == [
        ("P1", 100, 1, "changes"),
        ("P2", 7, 2, "changes"),
        ("P2", 100, 1, "changes"),
    ]
    assert house.load() is None


def test_an_unreadable_change_is_told_once(tmp_path: Path, chart: Chart) -> None:
    house = make_house(tmp_path, chart, changes(canonical("finance")))
    house.deliver("postings_1.csv", "")
    house.loaded()
    assert house.load() is None


def test_a_snapshot_that_stays_away_is_told(house: House) -> None:
    path = house.deliver("children.csv", children("0101901234,,,,,,"))
    house.loaded()
    path.unlink()
    house.deliver("caseworkers.csv", "caseworker_id,fte,valid_from\nW1,1.0,2024-01-01\n")
    house.loaded()
    assert ("entity_gone", None, None) in house.rules()


# -- files that fail alone, sources that fail as a whole ------------------------------------


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "file_unreadable"),
        (POSTING.encode() + b"\n" + posting(9).encode() + b',,,,,"open\nP8,1\n', "file_unreadable"),
        (POSTING.encode() + b",\xe6\n", "file_encoding"),
        (POSTING.encode("utf-16"), "file_encoding"),
    ],
)
def test_an_unreadable_file_fails_alone(ledger: House, content: bytes, rule: str) -> None:
    ledger.deliver("postings_1.csv", content)
    ledger.deliver("postings_2.csv", postings([posting(1)]))
    first, second = ledger.loaded().counts
    assert (first.failed, first.rows_read, second.rows_loaded) == (True, 0, 1)
    assert ledger.rules() == [(rule, None, None)]
    assert ledger.rows("load_files", "file, state") == [
        ("postings_1.csv", "failed"),
        ("postings_2.csv", "loaded"),
    ]
    assert ledger.rows("postings", "posting_id") == [("P1",)]


def test_a_header_alone_is_an_empty_entity(ledger: House) -> None:
    ledger.deliver("postings.csv", POSTING + "\n")
    (count,) = ledger.strict().loaded().counts
    assert (count.failed, count.rows_read) == (False, 0)


def test_a_column_that_is_gone_stops_the_source(ledger: House) -> None:
    ledger.deliver("postings_1.csv", postings([posting(1)]))
    ledger.deliver("postings_2.csv", postings([posting(2)]).replace("amount", "beløb"))
    report = ledger.strict().loaded()
    assert report.stopped_because == ("postings_2.csv has no column amount",)
    assert ledger.rows("postings") == []
    assert ledger.rows("load_files", "distinct state") == [("stopped",)]
    assert ("column_missing", None, "amount") in ledger.rules()


def test_what_stopped_a_source_stops_it_until_it_is_put_right(ledger: House) -> None:
    strict = ledger.strict()
    for content in (postings([posting(1)]), "", postings([posting(1)]).replace("amount", "x")):
        strict.deliver("postings.csv", content)
        for _ in range(2):
            report = strict.load()
    assert report is not None
    assert report.stopped_because
    strict.deliver("postings.csv", postings([posting(1)]))
    assert strict.load() is None  # what counts is still the first, good load


def test_a_column_that_is_there_twice_is_not_guessed(ledger: House) -> None:
    ledger.deliver("postings.csv", postings([posting(1)]).replace("cvr", " Amount "))
    report = ledger.loaded()
    assert report.stopped_because == ("postings.csv has column amount twice",)
    assert ledger.rows("postings") == []


@pytest.mark.parametrize(("bad", "stopped"), [(2, False), (3, True)])
def test_too_many_rejected_rows_stop_the_source(ledger: House, bad: int, stopped: bool) -> None:
    rows = [posting(n, "x" if n < bad else "1") for n in range(100)]
    ledger.deliver("postings.csv", postings(rows))
    report = ledger.strict().loaded()
    assert bool(report.stopped_because) == stopped
    assert len(ledger.rows("postings")) == (0 if stopped else 100 - bad)
    assert len(ledger.rules()) == bad


@pytest.mark.parametrize(("rows", "stopped"), [(70, False), (69, True)])
def test_too_few_rows_stop_the_source(ledger: House, rows: int, stopped: bool) -> None:
    strict = ledger.strict()
    strict.deliver("postings.csv", postings(posting(n) for n in range(100)))
    assert strict.loaded().stopped_because == ()
    strict.deliver("postings.csv", postings(posting(n) for n in range(rows)))
    assert bool(strict.loaded().stopped_because) == stopped
    assert (strict.load() is None) == (not stopped)  # what stopped is tried again


def test_files_of_no_entity_are_told(ledger: House) -> None:
    ledger.deliver("postings.csv", postings([posting(1)]))
    ledger.deliver("readme.txt", "hello")
    ledger.deliver(".hidden", "")
    ledger.deliver("postings.csv.part", "half")
    ledger.loaded()
    assert ledger.rows("load_errors", "file, rule") == [("readme.txt", "file_unknown")]


def test_the_scope_column_is_required(tmp_path: Path, chart: Chart) -> None:
    profile = Profile.model_validate(
        {
            "profile": "narrow",
            "title": "narrow",
            "feed": "finance",
            "entities": {
                "budget": {
                    "files": ["*.csv"],
                    "scope": {"names": ["area"], "pattern": "(?i)child"},
                    "columns": {
                        name: {"names": [name]} for name in ("year", "account", "version", "amount")
                    },
                }
            },
        }
    )
    house = make_house(tmp_path, chart, profile)
    rows = "2024,5.28.20,original,5,Children\n2024,x,x,x,Roads\n,,,,\n2024,x,original,5,child\n"
    house.deliver("a.csv", "year,account,version,amount,area\n" + rows)
    (count,) = house.loaded().counts
    assert (count.rows_read, count.rows_out_of_scope) == (3, 1)
    assert (count.rows_loaded, count.rows_rejected) == (1, 1)
    rows = "2024,5.28.20,original,5,child\n2024,x,original,5,child\n" + ",,,,Roads\n" * 98
    house.deliver("a.csv", "year,account,version,amount,area\n" + rows)
    assert house.strict().loaded().stopped_because == ("1 of 2 rows were rejected (limit 2%)",)
    house.deliver("a.csv", "year,account,version,amount\n2024,5.28.20,original,5\n")
    assert house.loaded().stopped_because == ("a.csv has no column area",)
