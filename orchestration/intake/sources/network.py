"""Trying again, and telling what went wrong without telling a secret.

What belongs here: back-off, which errors are worth another attempt, masked messages. What does not:
what is attempted.
"""

import errno
import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

import stamina
from stamina.instrumentation import RetryDetails

from orchestration.intake.cpr import hide
from orchestration.intake.sources.base import LocationError, StillWrittenError

_FINAL = (FileNotFoundError, PermissionError, LocationError, StillWrittenError)
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0
_LONGEST_MESSAGE = 300
_T = TypeVar("_T")


def attempted(
    work: Callable[[], _T], attempts: int, refusal: Callable[[BaseException], str | None]
) -> _T:
    """The result of `work`, tried up to `attempts` times with growing pauses.

    Only for what may be repeated. What another attempt cannot mend is raised at once: a refusal,
    a file that is not there, a disk that is full.
    """

    def worth_another(error: Exception) -> bool:
        return not isinstance(error, _FINAL) and refusal(error) is None and not is_local(error)

    for attempt in stamina.retry_context(
        on=worth_another,
        attempts=attempts,
        timeout=None,
        wait_initial=_FIRST_WAIT,
        wait_max=_LONGEST_WAIT,
    ):
        with attempt:
            return work()
    raise RuntimeError("a retry ends with a result or an error")


def told(error: BaseException, secrets: Iterable[str]) -> str:
    """An error as one line without secrets and CPR numbers."""
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else type(error).__name__
    for secret in secrets:
        text = text.replace(secret, "***") if secret else text
    return hide(text)[:_LONGEST_MESSAGE]


def is_local(error: BaseException) -> bool:
    """Whether this machine's disk is at fault, not the network."""
    full = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
    return isinstance(error, OSError) and (error.filename is not None or error.errno in full)


def _log(details: RetryDetails) -> None:
    logging.getLogger(__name__).warning(
        "attempt %d failed (%s), the next one in %.1f s",
        details.retry_num,
        type(details.caused_by).__name__,
        details.wait_for,
    )


# The library's own log repeats the whole error, which may name a file and in it a person.
stamina.instrumentation.set_on_retry_hooks([_log])
