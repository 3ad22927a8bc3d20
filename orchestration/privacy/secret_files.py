"""Files that hold a secret: read only where nobody else can read them.

What belongs here: the check of a secret file's permissions, and making such a file. What does not:
which secrets there are (settings).
"""

import os
import stat
import sys
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class OpenToOthersError(OSError):
    """A secret file that other accounts may read; the message says how to close it."""


def read_secret_file(path: Path) -> str:
    """The secret in a file, without surrounding blanks.

    Raises OSError where it cannot be read, OpenToOthersError where its group or others can read
    it. On Windows the mode bits say nothing about access; docs/windows.md tells how to close it.
    """
    with path.open(encoding="utf-8") as handle:
        # Of the open file, so that it cannot be exchanged between the look and the reading.
        if sys.platform != "win32" and os.fstat(handle.fileno()).st_mode & _OTHERS:
            raise OpenToOthersError(
                f"{path} can be read by others than its owner; run `chmod 600 {path}`"
            )
        return handle.read().strip()


def write_secret_file(path: Path, secret: str) -> None:
    """Write a new secret file that its owner alone can read. Raises FileExistsError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as handle:
        handle.write(secret + "\n")
