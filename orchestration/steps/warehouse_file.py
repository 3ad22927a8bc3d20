"""The warehouse's file before it is built: free, and readable.

What belongs here: waiting for another process that has it open, as the dbt of a night whose parent
was killed does for a moment. What does not: building it (dbt).
"""

from pathlib import Path

import duckdb
import stamina

from orchestration.refusal import Refusal

_WAIT_SECONDS = 120.0


class WarehouseError(Refusal):
    """The warehouse's file cannot be used; the message says what to do."""


class _InUseError(Exception):
    """Another process has the file open."""


def require_warehouse(warehouse: Path, wait_seconds: float = _WAIT_SECONDS) -> None:
    """Open and close the file, which also takes over what an interrupted night had logged.

    Raises WarehouseError where it stays in use for `wait_seconds`, or cannot be read.
    """
    try:
        for attempt in stamina.retry_context(
            on=_InUseError, attempts=None, timeout=wait_seconds, wait_initial=0.2, wait_max=5.0
        ):
            with attempt:
                _open(warehouse)
    except _InUseError as error:
        raise WarehouseError(
            f"the warehouse {warehouse} is open in another process, and was for {wait_seconds:.0f}"
            f" seconds; close it there, nobody but the nightly run opens it ({error})"
        ) from None
    except duckdb.Error as error:
        reason = str(error).strip().split("\n")[0]
        raise WarehouseError(
            f"the warehouse {warehouse} cannot be opened ({reason}); docs/runbooks/restore.md"
        ) from error


def _open(warehouse: Path) -> None:
    try:
        duckdb.connect(str(warehouse)).close()
    except duckdb.IOException as error:
        if "lock" in str(error).casefold():
            raise _InUseError(str(error).strip().split("\n")[0]) from error
        raise
