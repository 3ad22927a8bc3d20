"""A night that hangs is ended: its children, then this process.

What belongs here: the clock and the end. What does not: what is told about it (nightly_run).

The end is as hard as a power cut, for what hangs in a library or a system call hears nothing else.
That is safe at any moment: the next run repairs what an ended one leaves, and the lock is freed.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from orchestration import child_processes

_STDERR = 2
_TELLING_SECONDS = 60


@contextmanager
def limited(seconds: float, at_limit: Callable[[], None] = lambda: None) -> Iterator[None]:
    """End the process with exit code 1 when the block takes longer; `at_limit` comes before."""
    ending = threading.Event()
    said_to = _stderr()
    timer = threading.Timer(seconds, _end, [seconds, at_limit, ending, said_to])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if ending.is_set():
            # What hung goes on when its children are gone; the end is not to be overtaken.
            timer.join()
        os.close(said_to)


def _end(
    seconds: float, at_limit: Callable[[], None], ending: threading.Event, said_to: int
) -> None:
    ending.set()
    # Telling must not hang as well.
    telling = threading.Thread(target=at_limit, daemon=True)
    telling.start()
    telling.join(_TELLING_SECONDS)
    child_processes.end(child_processes.started())
    with suppress(OSError):
        os.write(said_to, f"raaderum: {sentence(seconds)}\n".encode())
    os._exit(1)


def _stderr() -> int:
    """Stderr as it is now: for the length of a step Dagster leads it into that step's log."""
    try:
        return os.dup(_STDERR)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def sentence(seconds: float) -> str:
    """What is said of a run that was ended."""
    return (
        f"the run did not end within {seconds / 60:g} minutes (night.max_minutes) and was ended;"
        " what was published before stays, the next run repairs what this one left"
    )
