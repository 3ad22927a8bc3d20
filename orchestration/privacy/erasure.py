"""Erasing persons from every layer under the state folder.

What belongs here: the order of the work, so that it can be cut off anywhere and finished. What does
not: one layer's part (landing_purge, raw_purge, history, logs), the night that builds and publishes
everything without them (nightly_run).

Order: delivered copies, for which the numbers themselves are needed; the erasure register, from
which everything after can be done again without them; a mark that makes the next night, whoever
starts it, finish the work; raw layer, warehouse, logs, older published runs. The mark goes when the
night has published and nothing older is left.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from exports.publish import older_runs, remove_old_runs
from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.erased import Erased, Register, condition
from orchestration.intake.raw_store import RawStore
from orchestration.privacy.history import entity_of, write_history
from orchestration.privacy.landing_at_rest import AtRest
from orchestration.privacy.landing_purge import purge_landing
from orchestration.privacy.raw_purge import purge_raw
from orchestration.privacy.traces import purge_logs
from orchestration.privacy.trails import Wanted
from orchestration.state import State


@dataclass(frozen=True)
class Layers:
    """What went from each layer: counts, and nothing else."""

    counts: tuple[tuple[str, int], ...]

    def lines(self) -> list[str]:
        """One line for each count."""
        return [f"{number:>9,} {what}" for what, number in self.counts]

    def __add__(self, other: "Layers") -> "Layers":
        return Layers(self.counts + other.counts)


def erase_numbers(state: State, rest: AtRest, secret: Pseudonymiser, numbers: list[str]) -> Layers:
    """Erase persons by their CPR numbers (ten signs each) from all but what the night builds.

    Call it under the state folder's lock, and run a full night after it.
    """
    tokens = [secret.token(number) for number in numbers]
    landing = purge_landing(state.landing, rest, Wanted.of(numbers, []))
    known = known_persons(state, tokens)
    found = Layers(
        (
            ("persons given", len(numbers)),
            ("of them in the raw layer", known),
            ("delivered copies removed", landing.removed),
            ("of them because they could not be searched", landing.unsearchable),
        )
    )
    entries = [Erased("person", token, None, "erase") for token in tokens]
    return found + erase_entries(state, secret, entries, numbers)


def erase_entries(
    state: State, secret: Pseudonymiser, entries: Iterable[Erased], numbers: Iterable[str] = ()
) -> Layers:
    """Register entries and take their rows out of raw layer, warehouse, logs and older runs."""
    entries = list(entries)
    state.older_runs_go.write_text("", encoding="utf-8")
    added = Register(state.raw).add(entries)
    purged = _purge(state, secret)
    gone = purge_logs(state, Wanted.of(list(numbers), [item.token for item in entries]))
    removed = len(older_runs(state.published))
    if removed:
        remove_old_runs(state.published, keep=1)
    return (
        Layers((("entries new in the erasure register", added),))
        + purged
        + Layers(
            (
                ("log files removed", gone.logs),
                ("Dagster runs removed", gone.runs),
                ("older published runs removed", removed),
            )
        )
    )


def finish_erasure(state: State, secret: Pseudonymiser) -> bool:
    """Do again what an erasure that was cut off may have left; whether there was one.

    Needs the lock. What is published is finished by the night that calls this.
    """
    if not state.older_runs_go.is_file():
        return False
    _purge(state, secret)
    return True


def _purge(state: State, secret: Pseudonymiser) -> Layers:
    store = RawStore(state.raw)
    store.prepare()
    raw = purge_raw(store, secret)
    history = _purge_warehouse(state, secret)
    counts = [(f"rows removed from raw {name}", rows) for name, rows in sorted(raw.removed.items())]
    counts += [
        ("postings kept without their person", raw.emptied),
        ("findings about removed rows", raw.errors),
        ("raw files rewritten", raw.files),
        ("rows removed from history", history.total()),
    ]
    return Layers(tuple(counts))


def _purge_warehouse(state: State, secret: Pseudonymiser) -> Counter[str]:
    """Exchange the warehouse for one that holds only the history of those who stay."""
    if not state.warehouse.is_file():
        return Counter()

    def prepare(connection: duckdb.DuckDBPyConnection) -> None:
        secret.bind(connection)
        Register(state.raw).put(connection)

    def kept(_: duckdb.DuckDBPyConnection, name: str, source: str, columns: list[str]) -> str:
        entity = entity_of(name)
        if entity is None:
            return f"from {source}"
        theirs = condition(entity, secret, columns)
        if not (entity.erase and entity.erase.empty):
            return f"select * from {source} where not ({theirs})"
        names = {entity.stored_name(one) for one in entity.erase.empty} & set(columns)
        emptied = ", ".join(
            f"case when {theirs} then null else {one} end as {one}" for one in sorted(names)
        )
        return f"select * replace ({emptied}) from {source}" if emptied else f"from {source}"

    target = state.warehouse.with_name(state.warehouse.name + ".new")
    gone = write_history(state.warehouse, target, kept, prepare)
    target.replace(state.warehouse)
    return gone


def known_persons(state: State, tokens: list[str]) -> int:
    """How many of the persons the raw layer knows."""
    store = RawStore(state.raw)
    store.prepare()
    queries = " union ".join(
        f"select person_id from read_parquet('{store.glob(name)}', union_by_name = true)"
        for name in ("children", "cases", "measures", "notifications", "postings")
    )
    with duckdb.connect() as connection:
        row = connection.execute(
            f"select count(*) from ({queries}) where list_contains(?, person_id)", [tokens]
        ).fetchone()
    return int(row[0]) if row else 0
