"""The nasty corpus: files as they must not come, and what becomes of each.

Belongs here: making the files of `corpus.yml`, loading one delivery, and telling its outcome.
Does not: what the outcome should be (the index), and the assertions (test_corpus).
"""

import base64
import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.intake.accounts import Chart
from orchestration.intake.profiles import Profile, canonical, find_profile
from tests.intake.conftest import House, make_house
from tests.intake.corpus.workbooks import encrypted, workbook

INDEX = Path(__file__).with_name("corpus.yml")


def cases() -> dict[str, dict[str, Any]]:
    """The index: every delivery by its name."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(INDEX.read_text("utf-8"))
    return found


@dataclass(frozen=True)
class Outcome:
    """What became of a delivery. `told` is every text that the error listing holds."""

    read: int
    loaded: int
    rejected: int
    superseded: int
    out_of_scope: int
    failed: int
    stopped: bool
    rules: dict[str, int]
    amounts: list[str]
    told: str

    def row(self) -> str:
        """The outcome in one line of a table."""
        rules = ", ".join(f"{code} {n}" for code, n in self.rules.items()) or "–"
        state = "stopped" if self.stopped else "failed" if self.failed else "loaded"
        return (
            f"{state} | {self.read} = {self.loaded} + {self.rejected} + {self.superseded}"
            f" + {self.out_of_scope} | {rules}"
        )


def files_of(case: dict[str, Any]) -> dict[str, bytes]:
    """The files of a delivery by name."""
    many: dict[str, Any] = case.get("files") or {case["file"]: case}
    return {name: _content(made) for name, made in many.items()}


def _content(made: dict[str, Any]) -> bytes:
    if "hex" in made:
        return bytes.fromhex(made["hex"])
    if "base64" in made:
        return base64.b64decode(made["base64"])
    if "sheets" in made:
        return workbook(made["sheets"])
    if "build" in made:
        return BUILDERS[made["build"]]()
    content: bytes = made["text"].encode(made.get("encoding", "utf-8"))
    content += bytes.fromhex(made.get("then_hex", ""))
    if made.get("pack") == "gzip":
        return gzip.compress(content, mtime=0)
    if made.get("pack") == "zip":
        return _zip({made.get("inside", "postings.csv"): content})
    cut: int | None = made.get("cut_to")
    return content[:cut]


def profile_of(case: dict[str, Any]) -> Profile:
    """The profile that a delivery is read by, with what the case changes in it."""
    name = case.get("profile", "finance")
    profile = canonical(name) if name in ("finance", "cases") else find_profile(name, None)
    if "form" in case:
        form = profile.form.model_validate({**profile.form.model_dump(), **case["form"]})
        profile = profile.model_copy(update={"form": form})
    if "takes" in case:
        taken = profile.entities["postings"].model_copy(update={"files": tuple(case["takes"])})
        profile = profile.model_copy(update={"entities": {"postings": taken}})
    return profile


def load_case(case: dict[str, Any], root: Path, chart: Chart) -> Outcome:
    """Load one delivery into a house of its own; raises where anything but the data is at fault."""
    house = make_house(root, chart, profile_of(case))
    for name, content in files_of(case).items():
        house.deliver(name, content)
    report = house.strict().load() if case.get("strict") else house.load()
    assert report is not None, "nothing was taken for a delivery"
    for count in report.counts:
        count.check()
    return _outcome(house, report.counts, bool(report.stopped_because))


def _outcome(house: House, counts: tuple[Any, ...], stopped: bool) -> Outcome:
    found = house.rows("load_errors", "rule, count(*)", "true group by rule")
    told = house.rows("load_errors")
    amounts = [str(row[0]) for row in house.rows("postings", "amount")]
    return Outcome(
        read=sum(count.rows_read for count in counts),
        loaded=sum(count.rows_loaded for count in counts),
        rejected=sum(count.rows_rejected for count in counts),
        superseded=sum(count.rows_superseded for count in counts),
        out_of_scope=sum(count.rows_out_of_scope for count in counts),
        failed=sum(count.failed for count in counts),
        stopped=stopped,
        rules=dict(found),
        amounts=amounts,
        told=repr(told),
    )


# -- files that are made rather than written down -------------------------------------------

HEADER = "posting_id,posting_date,year,account,amount"


def _zip(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


def _huge_field() -> bytes:
    return f"{HEADER},text\nP1,2024-03-01,2024,5.28.20,1.00,{'x' * 3_000_000}\n".encode()


def _ten_thousand_columns() -> bytes:
    extra = ",".join(f"c{n}" for n in range(10_000))
    return f"{HEADER},{extra}\nP1,2024-03-01,2024,5.28.20,1.00{',' * 10_000}\n".encode()


def _many_short_rows() -> bytes:
    return (HEADER + "\n" + "P1,2024\n" * 2000).encode()


def _parquet(select: str) -> Callable[[], bytes]:
    def build() -> bytes:
        import tempfile

        with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
            path = Path(folder) / "made.parquet"
            connection.execute(f"copy ({select}) to '{path.as_posix()}' (format parquet)")
            return path.read_bytes()

    return build


_GOOD = (
    "select 'P1' as posting_id, date '2024-03-01' as posting_date, 2024 as year,"
    " '5.28.20' as account, 1.50::decimal(18,2) as amount"
)

BUILDERS: dict[str, Callable[[], bytes]] = {
    "huge_field": _huge_field,
    "ten_thousand_columns": _ten_thousand_columns,
    "many_short_rows": _many_short_rows,
    "parquet_good": _parquet(_GOOD),
    "encrypted_workbook": encrypted,
    "parquet_nested": _parquet(
        _GOOD.replace("1.50::decimal(18,2)", "{'kroner': 1, 'oere': 50}") + ", [1, 2] as text"
    ),
    "parquet_binary_amount": _parquet(_GOOD.replace("1.50::decimal(18,2)", "0.1::float + 0.2")),
    "parquet_blob": _parquet(_GOOD.replace("'5.28.20'", "'\\xAA\\x00'::blob")),
    "parquet_cut": lambda: _parquet(_GOOD)()[:-30],
    "parquet_flipped": lambda: _flipped(_parquet(_GOOD)()),
}


def _flipped(content: bytes) -> bytes:
    """The same file with a byte of its data page turned round."""
    return content[:20] + bytes([content[20] ^ 0xFF]) + content[21:]
