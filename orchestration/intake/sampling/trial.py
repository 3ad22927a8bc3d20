"""One file loaded by one profile into a temporary folder that is removed again.

What belongs here: what came of the file: columns, rows, what was rejected, how rows are stored.
What does not: choosing the profile (choice) and printing (cli).
"""

import secrets
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.intake import landing
from orchestration.intake.accounts import Chart
from orchestration.intake.arrivals import Source
from orchestration.intake.companions import is_mapping, lookups
from orchestration.intake.contract import entities
from orchestration.intake.cpr import Pseudonymiser, hide
from orchestration.intake.forms import FileForm
from orchestration.intake.headers import Header, known_headers, normalised
from orchestration.intake.load import Limits, Workplace, load_source
from orchestration.intake.profiles import EntityMap, Profile
from orchestration.intake.raw_store import RawStore
from orchestration.intake.sources.folder import FolderOrigin
from orchestration.intake.versions import OpenedFile, open_file

_SHOWN_PROBLEMS = 10
_SHOWN_ROWS = 3
_TOKEN = 8
"""Signs of a pseudonym that an example shows; the key behind it is thrown away."""


@dataclass(frozen=True)
class Rejected:
    """One finding: row, column, rule, what is wrong and what to do."""

    row: int | None
    column: str | None
    rule: str
    severity: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Trial:
    """What a profile made of a file. Every value in it may be shown."""

    profile: str
    entity: str
    version: str
    format: str
    encoding: str
    separator: str
    columns: tuple[tuple[str, str], ...]
    """Each column of the contract, and the header or the way by which the file has it."""
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    counts: dict[str, int]
    by_rule: tuple[tuple[str, int], ...]
    rejected: tuple[Rejected, ...]
    stored: tuple[dict[str, str], ...]
    reasons: tuple[str, ...]
    """Why the file could not be loaded at all; empty where it could."""


def try_file(path: Path, profile: Profile, entity: str, chart: Chart) -> Trial:
    """Load a file as `entity` by `profile`, and tell what came of it.

    What it is looked up in, and mapping tables, are taken from the file's own folder. Raises
    UnreadableFileError and UnknownEncodingError where the file cannot be opened.
    """
    opened = open_file(path, profile, entity)
    with tempfile.TemporaryDirectory(prefix="raaderum-sample-") as name:
        temporary = Path(name)
        folder = temporary / "delivered"
        folder.mkdir()
        alone = _alone(path, profile, entity, folder)
        store = RawStore(temporary / "raw")
        store.prepare()
        place = Workplace(
            store=store,
            landing=temporary / "landing",
            secret=Pseudonymiser(secrets.token_bytes(32)),
            chart=chart,
            chart_hash="sample",
            limits=Limits(max_rejected_share=1.0, max_row_drop=1.0),
        )
        report = load_source(Source("sample", alone, FolderOrigin(folder, "sample")), place)
        reasons = report.stopped_because if report else ("the file holds nothing to load",)
        return _told(store, path, opened, profile.profile, reasons)


def _alone(path: Path, profile: Profile, entity: str, folder: Path) -> Profile:
    """Copy the file and what it needs; the profile, cut down to them."""
    suffix = "".join(path.suffixes[-2:])
    shutil.copyfile(path, folder / f"sample{suffix}")
    chosen: dict[str, EntityMap] = {
        entity: profile.entities[entity].model_copy(update={"files": (f"sample{suffix}",)})
    }
    needed = {lookup.entity for lookup in lookups(profile, entity).values()} - {entity}
    for other in sorted(one for one in path.parent.iterdir() if one.is_file()):
        wanted = any(profile.entities[name].takes(other.name) for name in needed)
        if other != path and (wanted or is_mapping(profile, other.name)):
            shutil.copyfile(other, folder / other.name)
    chosen |= {name: profile.entities[name] for name in needed}
    return profile.model_copy(update={"entities": chosen})


def _told(
    store: RawStore,
    path: Path,
    opened: OpenedFile,
    profile: str,
    reasons: tuple[str, ...],
) -> Trial:
    header, form = opened.header, opened.reading.form
    entity = header.entity.name
    known = known_headers(entities()[entity], opened.reading.mapped)
    with duckdb.connect() as connection:
        sums = ", ".join(f"coalesce(sum(rows_{name}), 0)::bigint" for name in _COUNTED)
        counted = connection.execute(
            f"select {sums} from read_parquet(?, union_by_name = true) where entity = ?",
            [store.glob("load_files"), entity],
        ).fetchone()
        by_rule, rejected = _findings(connection, store, entity)
        stored = _stored(connection, store, entity)
    return Trial(
        profile=profile,
        entity=entity,
        version=opened.reading.version,
        format=path.suffix.removeprefix(".") or "text",
        encoding=_encoding(path, form),
        separator=form.separator,
        columns=tuple(columns(header)),
        missing=tuple(header.missing()),
        unknown=tuple(
            hide(name.strip())
            for name in header.names
            if name.strip() and normalised(name) not in known
        ),
        counts=dict(zip(_COUNTED, counted or (0,) * len(_COUNTED), strict=True)),
        by_rule=by_rule,
        rejected=rejected,
        stored=stored,
        reasons=tuple(reasons),
    )


def _encoding(path: Path, form: FileForm) -> str:
    """The profile's encoding that reads the file; empty for a file that is no text."""
    try:
        return landing.encoding_of(path, form.encodings)
    except landing.UnknownEncodingError:
        return "-"


_COUNTED = ("read", "loaded", "rejected", "superseded", "out_of_scope")


def columns(header: Header) -> Iterable[tuple[str, str]]:
    """Each column of the contract, and where this file has it."""
    for name, declared in header.entity.columns.items():
        mapped = header.mapped.columns.get(name)
        position = header.position(mapped.names) if mapped else None
        if position is not None:
            found = hide(header.names[position].strip())
        elif mapped and mapped.derive:
            found = f"(made: {mapped.derive})"
        elif mapped and mapped.lookup:
            found = f"(looked up in {mapped.lookup.entity} by {mapped.lookup.by})"
        elif mapped and mapped.mapping:
            keys = ", ".join(names[0] for names in mapped.mapping.by)
            found = f"(table {mapped.mapping.table} by {keys})"
        elif header.mapped.local_account and declared.type == "account":
            found = "(two columns of the ledger)"
        else:
            found = "MISSING" if declared.required else "-"
        yield name, found


def _findings(
    connection: duckdb.DuckDBPyConnection, store: RawStore, entity: str
) -> tuple[tuple[tuple[str, int], ...], tuple[Rejected, ...]]:
    source = (
        f"from read_parquet('{store.glob('load_errors')}', union_by_name = true)"
        f" where coalesce(entity, '{entity}') = '{entity}' and rule <> 'file_unknown'"
    )
    by_rule = connection.execute(
        f"select rule, count(*) {source} group by rule order by 2 desc, 1"
    ).fetchall()
    found = connection.execute(
        f"select row_number, column_name, rule, severity, message_en, remedy_en {source}"
        f" order by severity, row_number, column_name limit {_SHOWN_PROBLEMS}"
    ).fetchall()
    return tuple((rule, rows) for rule, rows in by_rule), tuple(Rejected(*row) for row in found)


def _stored(
    connection: duckdb.DuckDBPyConnection, store: RawStore, entity: str
) -> tuple[dict[str, str], ...]:
    """The first rows as the raw layer keeps them; of a pseudonym only its beginning."""
    kept = [name for name in entities()[entity].stored_columns() if not name.startswith("_")]
    rows = connection.execute(
        f"select {', '.join(kept)} from read_parquet(?, union_by_name = true)"
        f" order by _row limit {_SHOWN_ROWS}",
        [store.glob(entity)],
    ).fetchall()
    return tuple(
        {
            name: _shown(entity, name, value)
            for name, value in zip(kept, row, strict=True)
            if value is not None
        }
        for row in rows
    )


def _shown(entity: str, column: str, value: object) -> str:
    declared = entities()[entity].columns.get(column)
    if column == "person_id" or (declared and declared.pseudonymise):
        return f"{str(value)[:_TOKEN]}…"
    return hide(str(value))
