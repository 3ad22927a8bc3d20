"""Removing delivered copies that hold erased persons.

What belongs here: which copies go. What does not: how a file is searched (trails).

A copy goes as a whole: to rewrite a system's file without some rows would make a file that nobody
delivered. Nothing is lost by it, because its rows are in the raw layer. A copy that cannot be
looked through (sealed to a key that is not here, an old or nested packed format) goes too.
"""

from dataclasses import dataclass
from pathlib import Path

from orchestration.privacy.landing_at_rest import AtRest, copies, opened, remove
from orchestration.privacy.trails import NotSearchableError, Wanted, holds


@dataclass(frozen=True)
class LandingPurge:
    """How many copies went, those that could not be looked through among them."""

    removed: int
    unsearchable: int


def purge_landing(landing: Path, rest: AtRest, wanted: Wanted) -> LandingPurge:
    """Remove every copy that names one of the wanted. May be repeated."""
    removed = unsearchable = 0
    for path in copies(landing):
        with opened(path, landing, rest) as plain:
            try:
                theirs = plain is None or holds(plain, wanted)
                unsearchable += plain is None
            except NotSearchableError:
                theirs = True
                unsearchable += 1
        if theirs:
            remove(path, landing)
            removed += 1
    return LandingPurge(removed, unsearchable)
