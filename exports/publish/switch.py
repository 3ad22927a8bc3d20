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

from exports.publish.manifest import read_manifest

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


def repair_published(published: Path) -> list[str]:
    """Remove runs that were never finished, and mend `current`; a sentence for each thing done.

    A run is finished when its manifest is there and every file that it lists has its length.
    """
    runs, current = published / _RUNS, published / "current"
    if not runs.is_dir():
        return []
    (published / ".current.new").unlink(missing_ok=True)
    found = sorted((path for path in runs.iterdir() if _order(path)), key=_order, reverse=True)
    finished = [path for path in found if _finished(path)]
    done = []
    if not _finished(current):
        if finished:
            switch_to(finished[0], published)
            done.append(f"published/current led nowhere; it is {finished[0].name} again")
        elif current.is_symlink():
            current.unlink()
            done.append("published/current led nowhere, and there is no finished run")
    for folder in found:
        if folder not in finished:
            shutil.rmtree(folder, ignore_errors=True)
            done.append(f"removed the unfinished run {folder.name}")
    return done


def _finished(folder: Path) -> bool:
    try:
        manifest = read_manifest(folder)
    except (OSError, ValueError, TypeError, KeyError):
        return False
    return manifest is not None and all(
        (folder / file.path).is_file() and (folder / file.path).stat().st_size == file.bytes
        for file in manifest.files
    )


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


def older_runs(published: Path) -> list[Path]:
    """The run folders that are there beside the current one."""
    runs = published / _RUNS
    current = (published / "current").resolve()
    found = runs.iterdir() if runs.is_dir() else ()
    return sorted((path for path in found if path.resolve() != current), key=_order)


def _order(folder: Path) -> int:
    match = _NUMBERED.fullmatch(folder.name)
    return int(match["order"]) if match else 0
