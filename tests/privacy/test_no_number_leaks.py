"""After nights that fail in every way: no number outside landing, temporary files included.

The good night is searched by tests/end_to_end. Here the nights stop in intake, which alone sees
numbers; later steps read the raw layer, which has none.
"""

import datetime
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pytest

import orchestration.steps.intake as step
from orchestration.nightly_run import run_night
from orchestration.privacy.trails import Wanted, holds
from orchestration.progress import Silent
from orchestration.resources import Night
from orchestration.settings import Settings
from orchestration.state import State
from tests.end_to_end.conftest import KEY

NUMBERS = [f"{day:02}0117{serial}" for day in range(1, 29) for serial in (5234, 5335)]
CHILDREN = "cpr,birth_date,sex\n" + "".join(f"{number},2017-01-01,F\n" for number in NUMBERS)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of its own, so that it can be searched."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    for variable in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(variable, str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def night(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "children.csv").write_text(CHILDREN, encoding="utf-8")
    state = State(tmp_path / "home")
    state.prepare()
    for name, value in state.environment().items():
        monkeypatch.setenv(name, value)
    settings = Settings.model_validate({"sources": {"cases": {"location": str(exports)}}})
    return Night(settings, state, KEY.encode(), None, False, Silent())


def told(night: Night, temporary: Path) -> list[str]:
    """Files outside the landing area that hold one of the numbers."""
    wanted = Wanted.of(NUMBERS, [])
    paths = [path for folder in (night.state.home, temporary) for path in folder.rglob("*")]
    return [
        path.name
        for path in paths
        if path.is_file() and night.state.landing not in path.parents and holds(path, wanted)
    ]


def test_the_search_finds_what_is_there(night: Night, temporary: Path) -> None:
    for name, text in (("a.log", "child 010117-5234 failed"), ("b.log", "0101175234")):
        (night.state.log / name).write_text(text, encoding="utf-8")
    with duckdb.connect() as connection:
        target = (night.state.raw / "x.parquet").as_posix()
        connection.execute(f"copy (select '0101175234' as cpr) to '{target}'")
    (temporary / "spill").write_bytes(b"\0\1" + b"0101175234" + b"\0")
    assert sorted(told(night, temporary)) == ["a.log", "b.log", "spill", "x.parquet"]


def test_a_source_that_is_stopped(night: Night, temporary: Path) -> None:
    """The number stands in every wrong place: columns, names of files, a broken file."""
    folder = Path(night.settings.sources["cases"].location)
    rows = "".join(f"{n},{n},{n} {n[:6]}-{n[6:]}\n" for n in NUMBERS)
    (folder / "children.csv").write_text("cpr,birth_date,sex\n" + rows, encoding="utf-8")
    (folder / f"cases_{NUMBERS[0]}.csv").write_bytes(b"PK\x03\x04" + rows.encode())
    (folder / f"{NUMBERS[1]}.csv").write_text(rows, encoding="utf-8")
    result = run_night(night)
    assert not result.succeeded
    assert not any(number in result.reason for number in NUMBERS)
    assert told(night, temporary) == []


def test_an_error_that_quotes_a_row(
    night: Night, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def quoting(*_: object) -> None:
        try:
            duckdb.sql(f"select cast('{NUMBERS[0]}x' as integer)").fetchall()
        except duckdb.Error as error:
            raise RuntimeError(f"row of {NUMBERS[1]} cannot be read") from error

    monkeypatch.setattr(step, "load_source", quoting)
    result = run_night(night)
    assert not result.succeeded
    assert "row of [CPR] cannot be read" in result.reason
    assert told(night, temporary) == []


_KILLED = """
import os, signal, sys
from pathlib import Path
import orchestration.intake.entity_load as entity_load
from tests.privacy.test_no_number_leaks import take_in_of

def killed(self):
    spill = Path(sys.argv[1]) / "landing" / "spill" / "rows.tmp"
    self.connection.execute(f"copy (select * from {self.table}) to '{spill.as_posix()}'")
    (spill.parent.parent / "half.part").write_text("0101175234")
    os.kill(os.getpid(), signal.SIGKILL)

entity_load.EntityLoad._count = killed
take_in_of(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
"""


def take_in_of(home: Path, exports: Path, landing: str) -> None:
    """The intake step of a night, in this process."""
    state = State(home)
    state.prepare()
    settings = Settings.model_validate(
        {"sources": {"cases": {"location": str(exports)}}, "intake": {"landing": landing}}
    )
    step.take_in(settings, state, KEY.encode(), datetime.date(2026, 1, 1))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_run_and_the_one_after_it(night: Night, temporary: Path, tmp_path: Path) -> None:
    exports = Path(night.settings.sources["cases"].location)
    arguments = [str(night.state.home), str(exports), "remove"]
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, *arguments],
        cwd=Path(__file__).parents[2],
        check=False,
        timeout=300,
    )
    assert done.returncode == -signal.SIGKILL
    assert told(night, temporary) == []
    assert any(night.state.landing.rglob("*.part"))
    take_in_of(night.state.home, exports, "remove")
    assert told(night, temporary) == []
    # With `remove` nothing is left in the landing area either.
    assert [path for path in night.state.landing.rglob("*") if path.is_file()] == []
