"""One municipality in every shape and format: whatever carries it, the same rows are loaded.

What belongs here: the comparison of loaded rows. What does not: the night on them (end_to_end).
`make table-profiles` prints the table: source × format × profile → rows and hashes.
"""

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from orchestration.intake.accounts import Chart
from orchestration.intake.contract import Column, Feed, entities, sql_type
from orchestration.intake.delivery import write_entity
from orchestration.intake.forms import FileForm
from orchestration.intake.profiles import Profile, canonical, find_profile
from orchestration.intake.simulation import SimulationRequest, simulate
from tests.intake.conftest import House, make_house

FEEDS: dict[Feed, tuple[str, ...]] = {"cases": ("sensum", "dubu"), "finance": ("prisme", "opus")}
FORMS: dict[str, dict[str, Any]] = {
    "csv": {},
    "parquet": {},
    "excel": {"format": "excel"},
    "utf-16": {"encodings": ["utf-16"], "separator": "auto"},
    "utf-16le": {"encodings": ["utf-8-sig", "utf-16-le"], "title_rows": 2},
    "gzip": {"packing": "gzip"},
    "zip": {"packing": "zip", "format": "excel"},
}
"""How the canonical profile's files may come: by what its form says of them."""


@dataclass(frozen=True)
class Delivered:
    """The municipality in one shape and format, loaded."""

    feed: Feed
    profile: Profile
    format: str
    house: House

    def counts(self) -> dict[str, tuple[int, ...]]:
        """Rows read, loaded, rejected, superseded and out of scope, by entity."""
        columns = ("read", "loaded", "rejected", "superseded", "out_of_scope")
        sums = ", ".join(f"sum(rows_{name})::bigint" for name in columns)
        glob = self.house.place.store.glob("load_files")
        with duckdb.connect() as connection:
            found = connection.execute(
                f"select entity, {sums} from read_parquet('{glob}') group by entity"
            ).fetchall()
        return {row[0]: tuple(row[1:]) for row in found}

    def fingerprint(self, entity: str, without: frozenset[str]) -> str:
        """The hash of the loaded rows: all columns but the metadata and `without`."""
        stored = entities()[entity].stored_columns()
        columns = [name for name in stored if not name.startswith("_") and name not in without]
        rows = self.house.rows(entity, ", ".join(columns))
        return hashlib.sha256(repr((columns, rows)).encode()).hexdigest()[:12]


def in_form(profile: Profile, said: dict[str, Any]) -> Profile:
    form = FileForm.model_validate({**profile.form.model_dump(), **said})
    return profile.model_copy(update={"form": form})


def written(feed: Feed, folder: Path, profile: Profile, frames: dict[str, pd.DataFrame]) -> None:
    for name, frame in frames.items():
        if entities()[name].feed == feed:
            write_entity(profile, name, iter([frame]), folder)


def parquet_type(connection: duckdb.DuckDBPyConnection, name: str, column: Column) -> str:
    """The type of the contract, or text where a value does not fit it."""
    if column.type not in ("date", "timestamp", "decimal", "boolean", "integer"):
        return "varchar"
    kind = sql_type(column)
    unfit = f"select 1 from frame where {name} is not null and try_cast({name} as {kind}) is null"
    return "varchar" if connection.execute(unfit).fetchone() else kind


def as_parquet(folder: Path, frames: dict[str, pd.DataFrame], feed: Feed) -> None:
    """Typed Parquet, as a warehouse or a data frame library would write it."""
    with duckdb.connect() as connection:
        for name, frame in frames.items():
            if entities()[name].feed != feed:
                continue
            connection.register("frame", frame)
            columns = ", ".join(
                f"cast({column} as {parquet_type(connection, column, declared)}) as {column}"
                for column, declared in entities()[name].columns.items()
            )
            path = folder / f"{name}.parquet"
            connection.execute(f"copy (select {columns} from frame) to '{path.as_posix()}'")


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """A small municipality, entity by entity, as canonical text."""
    found: dict[str, pd.DataFrame] = {}

    def keep(entity: str, blocks: Iterator[pd.DataFrame]) -> None:
        columns = list(entities()[entity].columns)
        whole = pd.concat(blocks, ignore_index=True).astype(object)
        found[entity] = whole.where(whole.notna(), None)[columns]

    request = SimulationRequest(
        children=600, first_month=date(2022, 1, 1), last_month=date(2024, 6, 1), seed=3
    )
    simulate(request, tmp_path_factory.mktemp("simulated"), keep)
    found["postings"] = pd.concat([found["postings"], *wrong(found["postings"])])
    return found


def wrong(postings: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Rows that no shape may turn into right ones."""
    for number, (column, value) in enumerate(
        [("account", "582011003"), ("account", "PPR betaler"), ("amount", "12,5,0"), ("year", "x")]
    ):
        row = postings.iloc[[number]].copy()
        row["posting_id"], row[column] = f"X{number}", value
        yield row


@pytest.fixture(scope="module")
def delivered(
    tmp_path_factory: pytest.TempPathFactory, chart: Chart, frames: dict[str, pd.DataFrame]
) -> list[Delivered]:
    """Each feed in every shape and, in canonical shape, in every format."""
    found = []
    for feed, names in FEEDS.items():
        shapes = [(in_form(canonical(feed), said), format_) for format_, said in FORMS.items()]
        shapes += [(find_profile(name, feed), "csv") for name in names]
        for profile, format_ in shapes:
            house = make_house(tmp_path_factory.mktemp(profile.profile), chart, profile)
            if format_ == "parquet":
                as_parquet(house.folder, frames, feed)
            else:
                written(feed, house.folder, profile, frames)
            house.loaded()
            found.append(Delivered(feed, profile, format_, house))
    return found


def not_carried(found: list[Delivered], entity: str) -> frozenset[str]:
    """What one of the systems or another declares that it cannot carry."""
    mapped = [one.profile.entities.get(entity) for one in found]
    return frozenset(name for one in mapped if one for name in one.not_carried)


def test_every_shape_and_format_loads_the_same_rows(delivered: list[Delivered]) -> None:
    say = sys.stdout.write
    say("\nprofile   format   entity          read loaded  rej  all columns   carried by all\n")
    for feed in FEEDS:
        mine = [one for one in delivered if one.feed == feed]
        plain = mine[0].counts()
        for entity in plain:
            shared = not_carried(mine, entity)
            for one in mine:
                read, loaded, rejected, superseded, outside = one.counts()[entity]
                whole, common = (one.fingerprint(entity, w) for w in (frozenset(), shared))
                say(
                    f"{one.profile.profile:<10}{one.format:<9}{entity:<14}{read:>6}{loaded:>7}"
                    f"{rejected:>5}  {whole}  {common}\n"
                )
                assert (read, loaded, rejected, superseded, outside) == plain[entity]
                own = frozenset(one.profile.entities[entity].not_carried)
                assert common == mine[0].fingerprint(entity, shared)
                assert one.fingerprint(entity, own) == mine[0].fingerprint(entity, own)


def test_the_municipality_is_not_clean(delivered: list[Delivered]) -> None:
    ledger = next(one for one in delivered if one.feed == "finance")
    assert ledger.counts()["postings"][2] >= 4
    case_files = next(one for one in delivered if one.profile.profile == "dubu")
    names = {path.name for path in case_files.house.folder.iterdir()}
    assert {"BSDUBU.csv", "BSDUBU2.csv", "BSDUBUp30.csv", "BSDUBUp32.csv"} <= names
    header = (case_files.house.folder / "BSDUBUp32.csv").read_text("cp1252").splitlines()
    assert "CPR-nr." not in header[0].split(";")
    assert len(header) > 1
