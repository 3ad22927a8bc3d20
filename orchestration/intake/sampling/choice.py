"""Which profile and entity read a file, where nobody says.

What belongs here: trying every profile on the file's name and header. What does not: the rows.
"""

from dataclasses import dataclass
from pathlib import Path

from orchestration.intake.contract import Feed
from orchestration.intake.files import UnreadableFileError
from orchestration.intake.headers import known_headers, normalised
from orchestration.intake.landing import UnknownEncodingError
from orchestration.intake.profiles import Profile, ProfileError, find_profile, profile_names
from orchestration.intake.versions import open_file

BLANKS = ("eget_system", "eget_oekonomisystem")
"""Profiles that are no system's: they are filled in first."""

_FEEDS: tuple[Feed, ...] = ("cases", "finance")
_ENOUGH = 0.6
"""The share of a file's headers that a profile must know to be its profile."""


@dataclass(frozen=True)
class Fit:
    """A profile and an entity that can read a file: the share of its headers that they know."""

    profile: Profile
    entity: str
    known: float
    by_name: bool
    """Whether the file's name is one of the entity's."""


def all_profiles(own_folder: Path | None) -> list[Profile]:
    """The municipality's own profiles and the product's, each once. Raises ProfileError."""
    kept = sorted(own_folder.glob("*.yml")) if own_folder else []
    # A draft that is being redirected into the folder is there already, and empty.
    own = [path.stem for path in kept if path.stat().st_size]
    shipped = [name for name in profile_names() if name not in (*BLANKS, "canonical")]
    named = [find_profile(name, None, own_folder) for name in dict.fromkeys([*own, *shipped])]
    return [*named, *(find_profile("canonical", feed) for feed in _FEEDS)]


def fits(path: Path, profiles: list[Profile], entity: str | None) -> list[Fit]:
    """What can read the file, best first: no required column lacks, and most headers are known."""
    found = []
    for profile in profiles:
        for name in profile.entities if entity is None else [entity]:
            fit = _fit(path, profile, name) if name in profile.entities else None
            if fit:
                found.append(fit)
    return sorted(found, key=lambda fit: (-fit.by_name, -fit.known, fit.profile.profile))


def nearest_entity(path: Path, profile: Profile) -> str:
    """The entity of a profile that lacks least in the file. Raises ProfileError where none is near.

    A file whose name is one of an entity's is that entity's.
    """
    by_name = [name for name, mapped in profile.entities.items() if mapped.takes(path.name)]
    if by_name:
        return by_name[0]
    found = fits(path, [profile], None)
    if not found:
        raise ProfileError(
            f"{path.name} fits none of the entities of profile {profile.profile}; name one with"
            " --entity to see what it lacks"
        )
    return found[0].entity


def _fit(path: Path, profile: Profile, entity: str) -> Fit | None:
    try:
        opened = open_file(path, profile, entity)
    except (UnreadableFileError, UnknownEncodingError):
        return None
    header = opened.header
    names = [name for name in header.names if name.strip()]
    if header.missing() or not names:
        return None
    known = known_headers(header.entity, header.mapped)
    share = sum(normalised(name) in known for name in names) / len(names)
    by_name = profile.entities[entity].takes(path.name)
    return Fit(profile, entity, share, by_name) if by_name or share >= _ENOUGH else None
