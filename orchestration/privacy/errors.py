"""Errors that may quote delivered data, told without the numbers in them.

What belongs here: replacing such an error. What does not: the sentences of our own errors, which
are made without numbers.
"""

import logging
import traceback
from collections.abc import Callable
from typing import TypeVar

from orchestration.intake.cpr import hide

_Result = TypeVar("_Result")
_log = logging.getLogger("raaderum.intake")


class HiddenNumberError(RuntimeError):
    """An error whose text held what looks like a CPR number; its message has it replaced."""


def numbers_hidden(work: Callable[[], _Result]) -> _Result:
    """Do `work`; an exception that quotes a CPR number, itself or in what caused it, is replaced.

    Libraries quote the value that they cannot read, and orchestrators keep every message.
    """
    try:
        return work()
    except Exception as error:
        told = "".join(traceback.format_exception(error))
        hidden = hide(told)
        if hidden == told:
            raise
        _log.error("%s", hidden)
        ours = type(error).__module__.startswith("orchestration.")
        kind = type(error) if ours else HiddenNumberError
        replaced = kind(hide(str(error)) or type(error).__name__)
    # Outside the handler: raised within, it would carry the first error along as its context.
    raise replaced
