"""Changing the pseudonym key: every pseudonym in every layer, or none.

What belongs here: finding the new pseudonym of every old one, writing the layers beside the old
ones, and the one step that exchanges them. What does not: reading files under two keys
(transition), the night that publishes afterwards (commands).

A pseudonym cannot be turned back into a number, so the numbers are read again: from the delivered
copies, and where those are gone from what the sources offer now. Where a pseudonym stays unknown,
nothing is changed.

Cut off before the commit file is there, nothing has happened; after it, `recover` completes the
exchange, however often it takes.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.intake.column_text import literal
from orchestration.intake.contract import entities
from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.erased import Erased, Register
from orchestration.intake.raw_store import RawStore, write
from orchestration.privacy.history import entity_of, history_tables, write_history
from orchestration.privacy.keys import write_fingerprint
from orchestration.privacy.transition import needed, replaced
from orchestration.refusal import Refusal
from orchestration.state import State


class CannotRekeyError(Refusal):
    """Some pseudonyms come from files that are gone; nothing was changed."""


@dataclass(frozen=True)
class Prepared:
    """The layers under the new key, beside those in use."""

    raw: Path
    warehouse: Path
    commit: Path

    @staticmethod
    def of(state: State) -> "Prepared":
        """Where they lie."""
        return Prepared(
            state.raw.with_name(state.raw.name + ".rekeyed"),
            state.warehouse.with_name(state.warehouse.name + ".rekeyed"),
            state.home / ".rekey-commit",
        )


def required_tokens(state: State) -> tuple[set[str], set[str]]:
    """Every token of the raw layer and the history, and those of the erasure register alone."""
    found: set[str] = set()
    with duckdb.connect() as connection:
        for entity in entities().values():
            relation = (
                f"read_parquet({literal(RawStore(state.raw).glob(entity.name))},"
                " union_by_name = true)"
            )
            found |= needed(connection, relation, entity.stored_columns(), entity)
        if state.warehouse.is_file():
            connection.execute(f"attach {literal(state.warehouse.as_posix())} as old (read_only)")
            for name in history_tables(connection, "old"):
                kept = entity_of(name)
                source = f'old.history."{name}"'
                described = connection.execute(f"describe {source}").fetchall()
                if kept:
                    found |= needed(connection, source, [row[0] for row in described], kept)
    register = {entry.token for entry in Register(state.raw).entries()}
    return found, register - found


def require_all(state: State, mapping: Mapping[str, str], drop_erased: bool) -> None:
    """Raise CannotRekeyError unless every pseudonym in use has a new one."""
    tokens, register = required_tokens(state)
    unknown = len(tokens - mapping.keys())
    if unknown:
        raise CannotRekeyError(
            f"{unknown} of {len(tokens)} pseudonyms cannot be changed, because the files that they "
            "were made from are neither in the landing area nor offered by a source; nothing was "
            "changed. Deliver those files again, or set RAADERUM_LANDING_KEY where the copies are "
            "sealed, and repeat"
        )
    forgotten = len(register - mapping.keys())
    if forgotten and not drop_erased:
        raise CannotRekeyError(
            f"{forgotten} entries of the erasure register cannot be changed, because no file names "
            "those persons any more; nothing was changed. With --drop-erased they are dropped: if "
            "a source delivers such a person again, the person comes back"
        )


def prepare(
    state: State, mapping: Mapping[str, str], new: Pseudonymiser, hashes: Mapping[str, str]
) -> int:
    """Write raw layer and history under the new key beside the old; the number of raw files.

    `hashes` gives the new reading hash of each old one, so that nothing is read again for the
    key's sake.
    """
    discard(state)
    prepared = Prepared.of(state)
    files = 0
    shutil.copytree(
        state.raw, prepared.raw, ignore=lambda folder, _: _rewritten(state.raw, Path(folder))
    )
    with duckdb.connect() as connection:
        _map_table(connection, mapping)
        for entity in entities().values():
            target = prepared.raw / entity.name
            target.mkdir()
            for path in sorted((state.raw / entity.name).glob("*.parquet")):
                source = f"read_parquet({literal(path.as_posix())})"
                described = connection.execute(f"describe from {source}").fetchall()
                changed = replaced([row[0] for row in described], entity)
                replace = f" replace ({changed})" if changed else ""
                write(connection, f"select *{replace} from {source}", target / path.name)
                files += 1
        _map_findings(connection, prepared.raw)
        _rehash(connection, prepared.raw, hashes)
    _rewrite_register(state.raw, prepared.raw, mapping)
    write_fingerprint(prepared.raw, new.key)
    if state.warehouse.is_file():
        _prepare_history(state.warehouse, prepared.warehouse, mapping)
    return files


def _rewritten(raw: Path, folder: Path) -> set[str]:
    """What of a folder is not copied as it is."""
    return {*entities(), "erased"} if folder == raw else set()


def _map_table(connection: duckdb.DuckDBPyConnection, mapping: Mapping[str, str]) -> None:
    table = pa.table({"old": list(mapping.keys()), "new": list(mapping.values())})
    connection.register("mapping_pairs", table)
    connection.execute("create temp table mapping as select * from mapping_pairs")
    connection.unregister("mapping_pairs")


def _map_findings(connection: duckdb.DuckDBPyConnection, raw: Path) -> None:
    """Exchange the pseudonyms by which a finding names its row; one that is gone names none."""
    for path in sorted((raw / "load_errors").glob("*.parquet")):
        source = f"read_parquet({literal(path.as_posix())})"
        described = connection.execute(f"describe from {source}").fetchall()
        changed = ", ".join(
            f"case when regexp_full_match({name}, 'p?[0-9a-f]{{32}}') then (select"
            f" left({name}, length({name}) - 32) || new from mapping"
            f" where old = right({name}, 32)) else {name} end as {name}"
            for name in ("record_id", "case_id")
            if name in {row[0] for row in described}
        )
        if changed:
            write(connection, f"select * replace ({changed}) from {source}", path)


def _rehash(connection: duckdb.DuckDBPyConnection, raw: Path, hashes: Mapping[str, str]) -> None:
    """The reading hash holds the key; what follows it in the column does not."""
    cases = " ".join(
        f"when starts_with(reading_hash, {literal(old)})"
        f" then {literal(new)} || substr(reading_hash, {len(old) + 1})"
        for old, new in hashes.items()
    )
    if not cases:
        return
    for path in sorted((raw / "load_files").glob("*.parquet")):
        source = f"read_parquet({literal(path.as_posix())})"
        changed = f"case {cases} else reading_hash end as reading_hash"
        write(connection, f"select * replace ({changed}) from {source}", path)


def _rewrite_register(raw: Path, target: Path, mapping: Mapping[str, str]) -> None:
    entries = Register(raw).entries()
    kept = [
        Erased(entry.kind, mapping[entry.token], entry.until, entry.reason)
        for entry in entries
        if entry.token in mapping
    ]
    Register(target).add(kept)


def _prepare_history(warehouse: Path, target: Path, mapping: Mapping[str, str]) -> None:
    def rekeyed(_: duckdb.DuckDBPyConnection, name: str, source: str, columns: list[str]) -> str:
        entity = entity_of(name)
        changed = replaced(columns, entity) if entity else ""
        return f"select *{f' replace ({changed})' if changed else ''} from {source}"

    def prepare_mapping(connection: duckdb.DuckDBPyConnection) -> None:
        _map_table(connection, mapping)

    write_history(warehouse, target, rekeyed, prepare_mapping)


def commit(state: State) -> None:
    """Exchange the layers. From here on the old key is no longer the state folder's."""
    Prepared.of(state).commit.write_text("", encoding="utf-8")
    recover(state)


def exchange_is_pending(state: State) -> bool:
    """Whether an exchange was committed and is not complete."""
    return Prepared.of(state).commit.is_file()


def recover(state: State) -> bool:
    """Complete an exchange that was cut off; whether there was one. Needs the lock."""
    prepared = Prepared.of(state)
    if not prepared.commit.is_file():
        return False
    # Before the exchange: what is published still holds the old pseudonyms.
    state.older_runs_go.write_text("", encoding="utf-8")
    if prepared.raw.is_dir():
        old = state.raw.with_name(state.raw.name + ".old")
        if state.raw.is_dir():
            shutil.rmtree(old, ignore_errors=True)
            state.raw.rename(old)
        prepared.raw.rename(state.raw)
    shutil.rmtree(state.raw.with_name(state.raw.name + ".old"), ignore_errors=True)
    if prepared.warehouse.is_file():
        prepared.warehouse.replace(state.warehouse)
    prepared.commit.unlink()
    return True


def discard(state: State) -> None:
    """Remove what was prepared and never committed. Needs the lock."""
    prepared = Prepared.of(state)
    if not prepared.commit.is_file():
        shutil.rmtree(prepared.raw, ignore_errors=True)
        prepared.warehouse.unlink(missing_ok=True)
