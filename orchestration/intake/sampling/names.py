"""Which header is which column: by all names that any profile knows, else by likeness.

What belongs here: matching names. What does not: values (sniffing) and the YAML (proposal).
"""

import difflib
from dataclasses import dataclass
from functools import cache

from orchestration.intake.contract import entities
from orchestration.intake.headers import normalised
from orchestration.intake.profiles import find_profile, profile_names

_ALIKE = 0.8
"""Likeness (difflib, 0 to 1) from which a header is offered for a column."""

_WORD, _LONGER = 4, 0.85
"""A header that begins with a known name of so many signs is so alike to it: `Beløb i kr.`."""


@dataclass(frozen=True)
class Match:
    """A column of the contract and a header that may be it. `likeness` is 1 for a known name."""

    column: str
    position: int
    header: str
    likeness: float


@dataclass(frozen=True)
class EntityGuess:
    """An entity that the file may be, with its columns."""

    entity: str
    matches: tuple[Match, ...]

    @property
    def score(self) -> float:
        """How much of the entity the header names; required columns count twice."""
        required = entities()[self.entity].required
        return sum(m.likeness * (2 if m.column in required else 1) for m in self.matches)


@cache
def known_names(entity: str) -> dict[str, frozenset[str]]:
    """Every name of each column of an entity, normalised, from the contract and all profiles."""
    names = {column: {normalised(column)} for column in entities()[entity].columns}
    for name in profile_names():
        if name == "canonical":
            continue
        profile = find_profile(name, None)
        for reading in profile.readings(entity) if entity in profile.entities else ():
            for column, mapped in reading.mapped.columns.items():
                names[column] |= {normalised(header) for header in mapped.names}
    return {column: frozenset(found) for column, found in names.items()}


@cache
def known_words(entity: str, column: str) -> dict[str, str]:
    """What any profile translates in a column, lower case."""
    words: dict[str, str] = {}
    for name in profile_names():
        profile = find_profile(name, None) if name != "canonical" else None
        if profile is None or entity not in profile.entities:
            continue
        for reading in profile.readings(entity):
            mapped = reading.mapped.columns.get(column)
            words |= (
                {said.casefold(): ours for said, ours in mapped.values.items()} if mapped else {}
            )
    return words


def guesses(header: list[str], entity: str | None) -> list[EntityGuess]:
    """What the file may be, best first."""
    wanted = [entity] if entity else list(entities())
    found = [EntityGuess(name, _matches(header, name)) for name in wanted]
    return sorted(found, key=lambda guess: -guess.score)


def _matches(header: list[str], entity: str) -> tuple[Match, ...]:
    """Every column with at most one header, and the other way round; the most alike first."""
    pairs = [
        Match(column, position, name.strip(), likeness)
        for position, name in enumerate(header)
        if name.strip()
        for column, known in known_names(entity).items()
        if (likeness := _likeness(normalised(name), known)) >= _ALIKE
    ]
    pairs.sort(key=lambda match: (-match.likeness, match.position))
    columns: set[str] = set()
    positions: set[int] = set()
    chosen = []
    for match in pairs:
        if match.column not in columns and match.position not in positions:
            columns.add(match.column)
            positions.add(match.position)
            chosen.append(match)
    return tuple(sorted(chosen, key=lambda match: match.position))


def _likeness(name: str, known: frozenset[str]) -> float:
    if name in known:
        return 1.0
    if any(len(other) >= _WORD and name.startswith(other) for other in known):
        return _LONGER
    return max(difflib.SequenceMatcher(None, name, other).ratio() for other in known)
