"""A night that hangs is ended: its children, then this process.

What belongs here: the clock and the end. What does not: what is told about it (nightly_run).

The end is as hard as a power cut, for what hangs in a library or a system call hears nothing else.
That is safe at any moment: the next run repairs what an ended one leaves, and the lock is freed.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil

_TELLING_SECONDS = 60


@contextmanager
def limited(seconds: float, at_limit: Callable[[], None] = lambda: None) -> Iterator[None]:
    """End the process with exit code 1 when the block takes longer; `at_limit` comes before."""
    ending = threading.Event()
    timer = threading.Timer(seconds, _end, [seconds, at_limit, ending])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if ending.is_set():
            # What hung goes on when its children are gone; the end is not to be overtaken.
            timer.join()


def _end(seconds: float, at_limit: Callable[[], None], ending: threading.Event) -> None:
    ending.set()
    # Telling must not hang as well.
    telling = threading.Thread(target=at_limit, daemon=True)
    telling.start()
    telling.join(_TELLING_SECONDS)
    children = psutil.Process().children(recursive=True)
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    psutil.wait_procs(children, timeout=5)
    if sys.__stderr__ is not None:
        sys.__stderr__.write(f"raaderum: {sentence(seconds)}\n")
        sys.__stderr__.flush()
    os._exit(1)


def sentence(seconds: float) -> str:
    """What is said of a run that was ended."""
    return (
        f"the run did not end within {seconds / 60:g} minutes (night.max_minutes) and was ended;"
        " what was published before stays, the next run repairs what this one left"
    )
