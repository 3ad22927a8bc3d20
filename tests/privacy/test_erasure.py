"""Erasing persons: from every load, from history, and from what is left of them elsewhere."""

import datetime
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import orchestration.privacy.erasure as erasure
from orchestration.intake.erased import Register
from orchestration.intake.raw_store import RawStore
from orchestration.privacy.erasure import erase_entries, erase_numbers, finish_erasure
from orchestration.privacy.landing_at_rest import AtRest, copies
from orchestration.privacy.retention import closed_cases
from orchestration.state import State
from tests.intake.conftest import SECRET, House
from tests.privacy.conftest import GONE, STAYS, everything


def erase(state: State) -> dict[str, int]:
    return dict(erase_numbers(state, AtRest(), SECRET, [GONE]).counts)


def table(state: State, name: str) -> list[tuple]:
    with duckdb.connect(str(state.warehouse), read_only=True) as connection:
        return connection.execute(f"from {name} order by all").fetchall()


def test_nothing_is_left_but_the_register(history: State, ledger: House) -> None:
    (history.log / "old.log").write_text(f"row of {SECRET.token(GONE)}\n", encoding="utf-8")
    (history.log / "kept.log").write_text(f"row of {SECRET.token(STAYS)}\n", encoding="utf-8")
    counts = erase(history)
    shutil.rmtree(history.raw / "erased")
    found = everything(history)
    identifiers = [f"'{name}'" for name in ("S1", "M1", "N1", "F1", "F3", "F4")]
    for mark in (GONE, SECRET.token(GONE), "barnet", *identifiers):
        assert mark not in found, mark
    assert SECRET.token(STAYS) in found
    assert counts["persons given"] == counts["of them in the raw layer"] == 1
    assert counts["rows removed from raw children"] == 2
    assert counts["rows removed from raw follow_ups"] == 2
    assert counts["findings about removed rows"] > 0
    assert counts["postings kept without their person"] == 2
    assert counts["rows removed from history"] == 3
    assert counts["log files removed"] == 1


def test_the_ledger_stays_to_the_oere(history: State, ledger: House) -> None:
    columns = "posting_id, amount, person_id, measure_id, voucher, text"
    before = ledger.rows("postings", columns)
    erase(history)
    after = ledger.rows("postings", columns)
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert sum(row[1] for row in after) == Decimal("1000.10")
    assert [row[2:] for row in after if row[0] in ("P1", "P3")] == [(None,) * 4] * 2
    assert [row for row in after if row[0] in ("P2", "P4")] == [
        row for row in before if row[0] in ("P2", "P4")
    ]
    assert len(table(history, "history.hist_postings")) == 4


def test_every_row_is_still_accounted_for(history: State, ledger: House) -> None:
    erase(history)
    counts = ledger.rows(
        "load_files", "entity, rows_read, rows_loaded, rows_rejected, rows_out_of_scope"
    )
    assert ("cases", 2, 1, 0, 1) in counts
    assert ("follow_ups", 4, 1, 1, 2) in counts
    assert ("postings", 4, 4, 0, 0) in counts
    assert all(read == loaded + rejected + out for _, read, loaded, rejected, out in counts)


def test_copies_that_hold_the_person_go_and_others_stay(history: State, ledger: House) -> None:
    names = {path.name for path in copies(history.landing)}
    counts = erase(history)
    left = {path.name for path in copies(history.landing)}
    # Follow-ups name cases, not persons.
    assert left == {"follow_ups.csv"}
    assert counts["delivered copies removed"] == len(names - left) + 1


def test_the_warehouse_keeps_history_alone(history: State, ledger: House) -> None:
    erase(history)
    with duckdb.connect(str(history.warehouse), read_only=True) as connection:
        found = connection.execute(
            "select schema_name, table_name from duckdb_tables() order by all"
        ).fetchall()
    assert found == [("history", f"hist_{name}") for name in ("cases", "children", "postings")]


@pytest.mark.parametrize("step", ["purge_raw", "_purge_warehouse", "purge_logs"])
def test_an_erasure_that_was_cut_off_is_finished_without_the_numbers(
    history: State, ledger: House, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erasure, step, cut_off)
        with pytest.raises(KeyboardInterrupt):
            erase(history)
    assert history.older_runs_go.exists()
    assert finish_erasure(history, SECRET)
    shutil.rmtree(history.raw / "erased")
    assert SECRET.token(GONE) not in everything(history)


def test_a_second_time_finds_nothing(history: State, ledger: House) -> None:
    erase(history)
    before = ledger.rows("postings"), ledger.rows("load_files")
    counts = erase(history)
    assert counts["raw files rewritten"] == counts["entries new in the erasure register"] == 0
    assert (ledger.rows("postings"), ledger.rows("load_files")) == before


def test_a_closed_case_is_old_when_its_last_measure_is(history: State, ledger: House) -> None:
    store = RawStore(history.raw)
    assert closed_cases(store, 0, datetime.date(2026, 1, 1)) == ()
    assert closed_cases(store, 12, datetime.date(2017, 1, 1)) == ()
    (found,) = closed_cases(store, 12, datetime.date(2017, 1, 2))
    assert found.token == SECRET.token(GONE)
    assert found.until == datetime.date(2016, 1, 1)


def test_after_retention_a_new_case_comes_in_and_the_old_one_does_not(
    history: State, ledger: House, house: House
) -> None:
    expired = closed_cases(RawStore(history.raw), 12, datetime.date(2026, 1, 1))
    erase_entries(history, SECRET, expired)
    # What is not dated is the population's, and stays for as long as it is delivered.
    assert len(house.rows("children", "*", "_load_seq = 2")) == 2
    assert house.rows("cases", "case_id") == [("S2",)]
    assert {entry.kind for entry in Register(history.raw).entries()} == {
        "person",
        "case",
        "measure",
        "notification",
    }
    again = replace(house, profile=house.profile)
    text = f"S1,{GONE},2015-01-01,2016-01-01\nS2,{STAYS},2020-01-01,\nS9,{GONE},2026-01-01,\n"
    again.deliver("cases.csv", "case_id,cpr,opened_on,closed_on\n" + text)
    again.loaded()
    assert house.rows("cases", "case_id", "_load_seq > 2") == [("S2",), ("S9",)]


def test_of_the_postings_those_up_to_the_end_lose_the_person(
    history: State, ledger: House, tmp_path: Path
) -> None:
    expired = closed_cases(RawStore(history.raw), 12, datetime.date(2026, 1, 1))
    erase_entries(history, SECRET, expired)
    # Of 2024, after the case's end, so the person stays; the erased measure's own does not.
    kept = ledger.rows("postings", "posting_id, person_id is null, measure_id")
    assert kept == [("P1", True, None), ("P2", False, "M2"), ("P3", True, None), ("P4", True, None)]
