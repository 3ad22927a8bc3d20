"""One at a time in a state folder: who waits, who gives up, and what a killed holder leaves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.run_lock import Holder, LockHeldError, exclusive, holder
from orchestration.state import State

_HOLD = """
import sys
from pathlib import Path
from orchestration.run_lock import exclusive
from orchestration.state import State
with exclusive(State(Path(sys.argv[1])), 0, "a test"):
    print("held", flush=True)
    sys.stdin.read()
"""


def other_process(home: Path) -> subprocess.Popen[str]:
    """A process that holds the lock until its input closes."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_one_is_told_who_holds_it_and_gives_up(tmp_path: Path) -> None:
    process = other_process(tmp_path)
    told: list[Holder | None] = []
    try:
        with (
            pytest.raises(LockHeldError, match=rf"in use by a test \(process {process.pid}\)"),
            exclusive(State(tmp_path), 0.1, waiting=told.append),
        ):
            pytest.fail("two at once")
    finally:
        process.communicate("")
    assert [item.pid for item in told if item] == [process.pid]


def test_a_second_one_goes_on_when_the_first_has_ended(tmp_path: Path) -> None:
    process = other_process(tmp_path)

    def let_go(_: Holder | None) -> None:
        assert process.stdin is not None
        process.stdin.close()

    with exclusive(State(tmp_path), 60, waiting=let_go):
        found = holder(State(tmp_path))
        assert found is not None
        assert found.pid == os.getpid()
    process.wait()
    assert holder(State(tmp_path)) is None


def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    process = other_process(tmp_path)
    process.kill()
    process.wait()
    with exclusive(State(tmp_path), 0):
        assert holder(State(tmp_path)) is not None
