"""One at a time in a state folder: the lock that nights, erasing, retention and re-keying take.

What belongs here: taking the lock, waiting for it, and saying who has it. What does not: what is
done under it.

The system holds the lock for the process and frees it when the process ends, however it ends: a
killed night leaves nothing to clear away. `.lock.holder` beside it only tells people who it is.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from orchestration.refusal import Refusal
from orchestration.state import State

_POLL_SECONDS = 0.5


class LockHeldError(Refusal):
    """Another process works in the state folder, and did so for as long as we would wait."""


@dataclass(frozen=True)
class Holder:
    """Who has the lock: process id, what it does, since when (ISO 8601, UTC)."""

    pid: int
    work: str
    since: str

    def sentence(self) -> str:
        """The holder as part of a sentence."""
        return f"{self.work} (process {self.pid}), since {self.since}"


@contextmanager
def exclusive(
    state: State,
    wait_seconds: float,
    work: str = "a nightly run",
    waiting: Callable[[Holder | None], None] = lambda _: None,
) -> Iterator[None]:
    """Hold the state folder's lock; `waiting` is told once, who has it, where it is taken.

    Raises LockHeldError when it is still taken after `wait_seconds`.
    """
    state.home.mkdir(parents=True, exist_ok=True)
    # A lock that is a mere file would outlive a killed process, so none is better than that one.
    lock = FileLock(
        state.lock, poll_interval=_POLL_SECONDS, thread_local=False, fallback_to_soft=False
    )
    _acquire(lock, state, wait_seconds, waiting)
    try:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        _note(state).write_text(json.dumps(asdict(Holder(os.getpid(), work, now))), "utf-8")
        yield
    finally:
        _note(state).unlink(missing_ok=True)
        lock.release()


def holder(state: State) -> Holder | None:
    """Who took the lock last and has not given it back; None where nobody is noted.

    After a process was killed this names the dead one, until the next one takes the lock.
    """
    try:
        return Holder(**json.loads(_note(state).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _acquire(
    lock: FileLock,
    state: State,
    wait_seconds: float,
    waiting: Callable[[Holder | None], None],
) -> None:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        waiting(holder(state))
        try:
            lock.acquire(timeout=wait_seconds)
        except Timeout:
            raise LockHeldError(_refusal(state, wait_seconds)) from None


def _refusal(state: State, wait_seconds: float) -> str:
    found = holder(state)
    return (
        f"{state.home} is in use by {found.sentence() if found else 'another process'}, and was"
        f" for the {wait_seconds / 60:.0f} minutes that we waited (night.wait_minutes); nothing was"
        " done. Run again when it has ended, or end it if it hangs"
    )


def _note(state: State) -> Path:
    return state.lock.with_name(state.lock.name + ".holder")
