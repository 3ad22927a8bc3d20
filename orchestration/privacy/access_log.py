"""Who ran which command, when, and how it ended: `log/access.jsonl`.

What belongs here: one line when a command that reads data begins, one when it ends. What does not:
who opens a published file; that is the file system's or the database's own log to tell.
"""

import getpass
import json
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestration.intake.cpr import hide

NAME = "access.jsonl"
USER_VARIABLE = "RAADERUM_USER"
_WITHOUT_DATA = {"simulate"}
_HELP = {"-h", "--help"}


@dataclass(frozen=True)
class Access:
    """A command that has begun; `identity` ties its two lines together."""

    path: Path
    identity: str
    who: str
    command: str
    arguments: tuple[str, ...]


def reads_data(arguments: Sequence[str]) -> bool:
    """Whether a command line can show or change data: all but help and the simulation."""
    return bool(arguments) and arguments[0] not in _WITHOUT_DATA and not _HELP & set(arguments)


def user() -> str:
    """Who works here: `RAADERUM_USER`, else the account."""
    return os.environ.get(USER_VARIABLE) or getpass.getuser()


def begin(log: Path, arguments: Sequence[str]) -> Access:
    """Write that a command begins. Raises OSError where the log cannot be written."""
    command, *others = [hide(argument) for argument in arguments]
    access = Access(log / NAME, uuid.uuid4().hex[:12], hide(user()), command, tuple(others))
    _append(access, "began", None)
    return access


def end(access: Access, exit_code: int) -> None:
    """Write how the command ended."""
    _append(access, "ended", exit_code)


def _append(access: Access, event: str, exit_code: int | None) -> None:
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "id": access.identity,
        "who": access.who,
        "command": access.command,
        "arguments": list(access.arguments),
        "event": event,
        "exit_code": exit_code,
    }
    access.path.parent.mkdir(parents=True, exist_ok=True)
    with access.path.open("a", encoding="utf-8", newline="\n") as handle:
        handle.write(json.dumps(line, ensure_ascii=False) + "\n")


def remove_older(log: Path, days: int, now: datetime, dry_run: bool = False) -> int:
    """Remove the lines that are older than `days`; how many went. The newest lines stay as is."""
    path = log / NAME
    if not path.is_file():
        return 0
    oldest = now - timedelta(days=days)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if datetime.fromisoformat(json.loads(line)["at"]) >= oldest]
    if len(kept) < len(lines) and not dry_run:
        partial = path.with_name(path.name + ".part")
        partial.write_text("".join(kept), encoding="utf-8", newline="\n")
        partial.replace(path)
    return len(lines) - len(kept)
