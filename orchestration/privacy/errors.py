"""Errors that may quote delivered data, told without the numbers in them.

What belongs here: replacing such an error. What does not: the sentences of our own errors, which
are made without numbers.
"""

import contextlib
import logging
import traceback
from collections.abc import Iterator

from orchestration.intake.cpr import hide

_log = logging.getLogger("raaderum.intake")


class HiddenNumberError(RuntimeError):
    """An error whose text held what looks like a CPR number; its message has it replaced."""


@contextlib.contextmanager
def numbers_hidden() -> Iterator[None]:
    """Replace an exception that quotes a CPR number, in its message or in what caused it.

    Libraries quote the value that they cannot read, and orchestrators keep every message.
    """
    try:
        yield
    except Exception as error:
        told = "".join(traceback.format_exception(error))
        hidden = hide(told)
        if hidden == told:
            raise
        _log.error("%s", hidden)
        ours = type(error).__module__.startswith("orchestration.")
        kind = type(error) if ours else HiddenNumberError
        replaced = kind(hide(str(error)) or type(error).__name__)
    else:
        return
    raise replaced
