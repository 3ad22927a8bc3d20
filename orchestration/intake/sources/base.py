"""What every kind of source has in common.

What belongs here: the protocol, what a source offers, its errors. What does not: any one kind of
source, and what is done with what it brings (arrivals).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Protocol

from orchestration.intake.landing import DeliveredFile
from orchestration.intake.profiles import Delivery, Profile
from orchestration.intake.sources.options import SourceOptions
from orchestration.intake.sources.remembered import Extracted

_UNFINISHED = frozenset({".part", ".tmp", ".filepart", ".crdownload"})


class SourceUnavailableError(RuntimeError):
    """A configured source that cannot be reached; the message says what to do."""


class LocationError(ValueError):
    """A source that is configured in a way that cannot work; the message says what to change."""


class StillWrittenError(RuntimeError):
    """A file that changed while it was copied: its writer is not done with it."""


@dataclass(frozen=True)
class Offered:
    """A file or table that a source has ready.

    `version` is another one whenever the content is another one; it is empty where the source
    cannot tell. `unsettled` means that it was changed so lately that its writer may not be done.
    """

    name: str
    version: str
    size: int | None = None
    modified: datetime | None = None
    unsettled: bool = False


@dataclass(frozen=True)
class Brought:
    """What was brought into the landing area.

    `file` is None where the source found that nothing changed. `delivery` is set where it differs
    from the profile's. `extracted` is to be remembered once the load counts.
    """

    file: DeliveredFile | None
    delivery: Delivery | None = None
    extracted: Extracted | None = None


class Origin(Protocol):
    """One kind of source. Every method raises SourceUnavailableError where it cannot be reached."""

    @property
    def where(self) -> str:
        """Where it is, for messages: never with a secret."""

    def offered(self) -> list[Offered]:
        """What is ready to be fetched, in order of name."""

    def bring(self, offered: Offered, landing: Path, last: Extracted | None) -> Brought:
        """Copy one of them into the landing area; `last` is what was remembered of a table.

        Raises StillWrittenError where it changes meanwhile.
        """

    def close(self) -> None:
        """Let go of connections. The source can be used again."""


@dataclass(frozen=True)
class Reach:
    """How a place is reached beside its location: settings, secrets, where relative paths count."""

    source: str
    options: SourceOptions
    folder: Path
    """The folder from which relative paths count."""
    secret: Callable[[str], str | None]
    """The secret in an environment variable, or in the file that is named there."""

    def variable(self, what: str) -> str:
        """The environment variable that holds a secret of this source."""
        name = "".join(sign if sign.isalnum() else "_" for sign in self.source.upper())
        return f"RAADERUM_SECRET_{name}_{what}"

    def secret_of(self, what: str) -> str | None:
        """A secret of this source; None where there is none."""
        return self.secret(self.variable(what))

    def path(self, text: str) -> Path:
        """A path of the configuration."""
        return (self.folder / Path(text).expanduser()).resolve()


@dataclass(frozen=True)
class Context(Reach):
    """What a kind of source needs to know beside its location."""

    profile: Profile


def table_name(entity: str, table: str) -> str:
    """The name under which a table is delivered: it tells the entity, as no pattern does."""
    return f"{entity}@{re.sub(r'[^0-9A-Za-zÆØÅæøå_.-]', '_', table)}.parquet"


def entity_of(name: str) -> str:
    """The entity of a delivered table; empty for a file of another kind."""
    entity, sign, _ = name.partition("@")
    return entity if sign and name.endswith(".parquet") else ""


def deliverable(name: str) -> bool:
    """Whether a file is a delivery by its name; hidden and unfinished files are left alone."""
    path = PurePosixPath(name)
    return not path.name.startswith((".", "~")) and path.suffix.casefold() not in _UNFINISHED


def unsettled(modified: datetime | None, seconds: int) -> bool:
    """Whether a file was changed within the last `seconds`, by either clock."""
    if modified is None or seconds == 0:
        return False
    return abs(datetime.now(UTC) - modified) < timedelta(seconds=seconds)
