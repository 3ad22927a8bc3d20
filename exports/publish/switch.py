"""The one switch from the old published run to the new.

What belongs here: run folders under `published/runs/`, the pointer `published/current`, and what
is removed. What does not: what is in a run.

On POSIX `current` is a symbolic link, replaced in one step by `os.replace`; a reader that holds a
file open keeps it. On Windows, where a link needs rights that few have, it is a directory
junction: removed and made anew, with a moment in between in which `current` is not there.
"""

import os
import re
import shutil
import sys
from pathlib import Path

_RUNS = "runs"
_NUMBERED = re.compile(r"(?P<order>\d{6})-.+")


def new_run_folder(published: Path, run_id: str) -> Path:
    """An empty folder for a run: `runs/<order>-<run id>`; what an interrupted run left is removed.

    Folders are numbered, so that a run may be published again without touching the folder that
    readers have open.
    """
    runs = published / _RUNS
    runs.mkdir(parents=True, exist_ok=True)
    order = 1 + max((_order(path) for path in runs.iterdir()), default=0)
    folder = runs / f"{order:06d}-{run_id}"
    folder.mkdir()
    return folder


def switch_to(folder: Path, published: Path) -> Path:
    """Make `folder` the current run; the path of `current`."""
    current = published / "current"
    if sys.platform == "win32":
        import _winapi

        if current.exists():
            os.rmdir(current)  # noqa: PTH106 - removes the junction, not what it points to
        _winapi.CreateJunction(str(folder), str(current))
    else:
        pending = published / ".current.new"
        pending.unlink(missing_ok=True)
        pending.symlink_to(Path(_RUNS) / folder.name, target_is_directory=True)
        pending.replace(current)
    return current


def remove_old_runs(published: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep` runs and never the current one; the names removed.

    A run whose files are still open where the system forbids their removal stays for next time.
    """
    current = (published / "current").resolve()
    runs = sorted((published / _RUNS).iterdir(), key=_order, reverse=True)
    removed = []
    for folder in runs[keep:]:
        if folder.resolve() != current:
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder.name)
    return removed


def _order(folder: Path) -> int:
    match = _NUMBERED.fullmatch(folder.name)
    return int(match["order"]) if match else 0
