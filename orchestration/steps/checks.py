"""The results of dbt's checks in one night, read from dbt's own artefacts.

What belongs here: which checks ran, failed, or were never run. What does not: the checks
(dbt_project/tests, and the YAML beside the models).
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from orchestration.manifest import MANIFEST
from orchestration.state import State

_BROKEN = ("fail", "error")


class CheckError(RuntimeError):
    """A check failed or never ran; nothing may be published."""


@dataclass(frozen=True)
class Checks:
    """How many checks ended in each status, and the names of those that failed."""

    counts: dict[str, int]
    failed: tuple[str, ...]
    run: frozenset[str]
    """The dbt ids of all that ran."""


def forget_checks(state: State) -> None:
    """Remove the results of the night before, so that an old pass cannot stand for a new one."""
    for path in _results(state):
        path.unlink()


def read_checks(state: State) -> Checks:
    """The checks of the newest build."""
    counts: Counter[str] = Counter()
    failed, run = [], set()
    for path in _results(state):
        for item in json.loads(path.read_text("utf-8"))["results"]:
            unique_id, status = item["unique_id"], item["status"]
            if unique_id.startswith("test."):
                counts[status] += 1
                run.add(unique_id)
            if status in _BROKEN:
                failed.append(unique_id.split(".")[2])
    return Checks(dict(counts), tuple(failed), frozenset(run))


def require_all_checks(state: State) -> None:
    """Raise CheckError unless every check of the project ran in this build.

    dbt selects tests by itself when it builds a part of the project; one that falls between two
    parts would be skipped without a word.
    """
    manifest = json.loads(MANIFEST.read_text("utf-8"))
    known = {key for key, node in manifest["nodes"].items() if node["resource_type"] == "test"}
    missing = sorted(known - read_checks(state).run)
    if missing:
        names = ", ".join(name.split(".")[2] for name in missing[:5])
        raise CheckError(f"{len(missing)} checks never ran, so nothing is published: {names}")


def _results(state: State) -> list[Path]:
    return sorted(state.dbt.glob("*/run_results.json"))
