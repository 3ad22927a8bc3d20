"""Processes that this one has started, and their end.

What belongs here: ending them. What does not: when (nightly_run, time_limit).

A step that is broken off by its caller (Dagster's own storage fails on a full disk) leaves dbt at
work: it holds the warehouse's file against the next run. The end is as hard as a power cut, which
is safe at any moment: the next run repairs what an ended one leaves.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import psutil

_GONE_SECONDS = 10
_OF_PYTHON = "resource_tracker"
"""Python's own helper clears away after others, and ends by itself."""


@contextmanager
def none_left() -> Iterator[None]:
    """End, after the block and however it ends, what was started in it and is still at work."""
    before = {child.pid for child in started()}
    try:
        yield
    finally:
        end(child for child in started() if child.pid not in before and not _is_helper(child))


def started() -> list[psutil.Process]:
    """Every process that descends from this one."""
    return psutil.Process().children(recursive=True)


def end(children: Iterable[psutil.Process]) -> None:
    """Kill, and wait until they are gone."""
    ended = list(children)
    for child in ended:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    psutil.wait_procs(ended, timeout=_GONE_SECONDS)


def _is_helper(child: psutil.Process) -> bool:
    try:
        return any(_OF_PYTHON in part for part in child.cmdline())
    except psutil.Error:
        return False
