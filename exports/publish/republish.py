"""Publishing the current run once more with one folder of it made anew.

What belongs here: the new run folder beside the old one, so that readers never see half of it.
What does not: the switch itself, what is in the folder.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from exports.publish.manifest import NAME, read_manifest, write_manifest
from exports.publish.switch import new_run_folder, switch_to


def publish_again(published: Path, inside: str, write: Callable[[Path], object]) -> Path:
    """Publish the current run with the folder `inside` written by `write`; the path of `current`.

    Every other file is the very same, by a link where the file system has them. Raises
    FileNotFoundError where nothing is published.
    """
    current = (published / "current").resolve()
    manifest = read_manifest(current)
    if manifest is None:
        raise FileNotFoundError(f"{current} holds no published run")
    folder = new_run_folder(published, manifest.run_id)
    try:
        shutil.copytree(current, folder, dirs_exist_ok=True, copy_function=_linked)
        shutil.rmtree(folder / inside, ignore_errors=True)
        # A link to the old one: written to, it would change what readers have open.
        (folder / NAME).unlink()
        write(folder / inside)
        rows = {file.path: file.rows for file in manifest.files if file.rows is not None}
        write_manifest(folder, replace(manifest, files=()), rows)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return switch_to(folder, published)


def _linked(source: str, target: str) -> None:
    """The same file under another name; a copy where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
