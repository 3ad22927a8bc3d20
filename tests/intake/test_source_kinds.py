"""The same municipality from every kind of source gives the same rows; blobs and their errors."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from orchestration.intake.accounts import Chart
from orchestration.intake.arrivals import Source
from orchestration.intake.load import LoadReport, load_source
from orchestration.intake.profiles import canonical
from orchestration.intake.sources import open_source
from orchestration.intake.sources.base import Context, SourceUnavailableError
from orchestration.intake.sources.options import SourceOptions
from tests.intake.conftest import House, make_house, posting, postings
from tests.servers.blobs import KEY, SECRET, azure, azurite, s3
from tests.servers.postgresql import PostgreSQL
from tests.servers.sftp import PASSWORD, SftpServer

BUDGET = "year,account,version,amount\n2024,5282010010003146,original,500.25\n"
LEDGER = postings(
    [posting(number, f"{number}.{number % 100:02}") for number in range(1, 400)]
    + ["BAD,2024-03-01,3,2024,5282010010003146,1.2.3", "P7,2024-04-01,4,2024,5282010010003146,8.00"]
)
FILES = {"postings.csv": LEDGER, "budget.csv": BUDGET}


@dataclass
class Place:
    """Where the ledger was delivered to."""

    url: str
    options: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def source(self, house: House) -> Source:
        options = SourceOptions.model_validate(self.options)
        secrets = {f"RAADERUM_SECRET_FINANCE_{name}": text for name, text in self.secrets.items()}
        profile = canonical("finance")
        context = Context("finance", options, house.folder, secrets.get, profile)
        return Source("finance", profile, open_source(self.url, context))


@contextmanager
def folder(root: Path, files: dict[str, str]) -> Iterator[Place]:
    (root / "files").mkdir()
    for name, text in files.items():
        (root / "files" / name).write_text(text, encoding="utf-8")
    yield Place(str(root / "files"))


@contextmanager
def sftp(root: Path, files: dict[str, str]) -> Iterator[Place]:
    with folder(root, files):
        server = SftpServer(root / "files")
        server.start()
        options = {"host_key": server.fingerprint, "settle_seconds": 0}
        yield Place(server.url, options, {"PASSWORD": PASSWORD})
        server.stop()


@contextmanager
def bucket(root: Path, files: dict[str, str]) -> Iterator[Place]:
    with s3() as server:
        for name, text in files.items():
            server.put(f"out/{name}", text.encode())
        server.put("out/", b"")
        yield Place(
            "s3://deliveries/out",
            {"endpoint_url": server.endpoint, "region": "us-east-1"},
            {"ACCESS_KEY_ID": KEY, "SECRET_ACCESS_KEY": SECRET},
        )


@contextmanager
def container(root: Path, files: dict[str, str]) -> Iterator[Place]:
    if azurite() is None:
        pytest.skip("azurite is not installed (npm install -g azurite)")
    with azure(root) as server:
        for name, text in files.items():
            server.put(f"out/{name}", text.encode())
        yield Place("az://deliveries/out", {}, {"CONNECTION_STRING": server.connection})


def database(server: PostgreSQL, files: dict[str, str]) -> Place:
    """Every file as a table of text columns, as badly typed as the file is."""
    tables = {}
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("drop schema if exists kinds cascade")
        connection.execute("create schema kinds")
        for name, text in files.items():
            entity = name.removesuffix(".csv")
            columns = text.split("\n", maxsplit=1)[0].split(",")
            fields = ", ".join(f"{column} text" for column in columns)
            connection.execute(f"create table kinds.{entity} ({fields})")  # type: ignore[arg-type]
            with connection.cursor().copy(
                f"copy kinds.{entity} from stdin (format csv, header)"  # type: ignore[arg-type]
            ) as copy:
                copy.write(text.encode())
            tables[entity] = {"table": f"kinds.{entity}"}
    return Place(server.url, {"tables": tables})


FILE_KINDS = {"folder": folder, "sftp": sftp, "s3": bucket, "azure": container}


def loaded(place: Place, house: House) -> LoadReport:
    report = load_source(place.source(house), house.place)
    assert report is not None
    return report


def content(house: House, table: str) -> str:
    """A hash of the rows of a raw table, without where and when they were loaded."""
    own = "* exclude (_load_id, _load_seq, _file, _row)"
    with duckdb.connect() as connection:
        glob = house.place.store.glob(table)
        rows = connection.execute(f"select {own} from read_parquet('{glob}') order by all")
        return hashlib.sha256(repr(rows.fetchall()).encode()).hexdigest()[:12]


def line(kind: str, report: LoadReport, house: House) -> str:
    read, kept, rejected, superseded = (
        sum(getattr(count, f"rows_{fate}") for count in report.counts)
        for fate in ("read", "loaded", "rejected", "superseded")
    )
    hashes = content(house, "postings"), content(house, "budget")
    return f"{kind:<11}{read:>6}{kept:>8}{rejected:>10}{superseded:>12}  {' '.join(hashes)}"


@pytest.mark.parametrize("kind", ["sftp", "s3", "azure", "postgresql"])
def test_every_kind_of_source_gives_the_rows_of_the_folder(
    kind: str, tmp_path: Path, chart: Chart, request: pytest.FixtureRequest
) -> None:
    lines = io.StringIO()
    found = []
    with ExitStack() as stack:
        for name in ("folder", kind):
            root = tmp_path / name
            root.mkdir()
            if name == "postgresql":
                place = database(request.getfixturevalue("postgresql"), FILES)
            else:
                place = stack.enter_context(FILE_KINDS[name](root, FILES))
            house = make_house(root, chart, canonical("finance"))
            report = loaded(place, house)
            lines.write(line(name, report, house) + "\n")
            found.append((content(house, "postings"), content(house, "budget")))
            assert load_source(place.source(house), house.place) is None, "an unchanged night"
    print(f"\nsource       read  loaded  rejected  superseded  rows\n{lines.getvalue()}")  # noqa: T201
    assert found[0] == found[1]


def test_an_object_that_is_replaced_is_fetched_anew(tmp_path: Path, chart: Chart) -> None:
    """Even where its size is the same: a bucket tells the version."""
    house = make_house(tmp_path, chart, canonical("finance"))
    with s3() as server:
        place = Place(
            "s3://deliveries/out",
            {"endpoint_url": server.endpoint, "region": "us-east-1"},
            {"ACCESS_KEY_ID": KEY, "SECRET_ACCESS_KEY": SECRET},
        )
        server.put("out/postings.csv", postings([posting(1, "1.00")]).encode())
        loaded(place, house)
        server.put("out/postings.csv", postings([posting(1, "2.00")]).encode())
        loaded(place, house)
    assert len(house.rows("postings")) == 2


def test_a_bucket_that_is_not_there_is_named(tmp_path: Path, chart: Chart) -> None:
    house = make_house(tmp_path, chart, canonical("finance"))
    with s3() as server:
        place = Place(
            "s3://elsewhere/out",
            {"endpoint_url": server.endpoint, "region": "us-east-1"},
            {"ACCESS_KEY_ID": KEY, "SECRET_ACCESS_KEY": SECRET},
        )
        with pytest.raises(SourceUnavailableError, match="check bucket and folder") as refused:
            load_source(place.source(house), house.place)
    assert SECRET not in str(refused.value)
