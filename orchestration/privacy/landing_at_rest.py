"""What becomes of the delivered copies when they have been read: kept, encrypted or removed.

What belongs here: sealing the landing area, cleaning what a killed run left in it, and opening a
sealed copy. What does not: landing a file (intake.landing), reading it.

Encrypted copies are age files (`<name>.age`, X25519), written in a stream. With the recipient alone
in the settings the machine can write them and not read them. Nothing in a normal night reads them:
what must be read again is landed again from its source.
"""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyrage

from orchestration.settings import ConfigurationError

KEY_VARIABLE = "RAADERUM_LANDING_KEY"
SEALED = ".age"
SCRATCH = ("spill", "scratch")
"""Folders of the landing area in which work is done; of no use to the next run."""


@dataclass(frozen=True)
class AtRest:
    """How delivered copies are kept. Without an identity sealed copies cannot be opened."""

    how: Literal["keep", "encrypt", "remove"] = "keep"
    recipient: pyrage.x25519.Recipient | None = field(default=None, repr=False)
    identity: pyrage.x25519.Identity | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Settled:
    """How many copies were sealed and removed."""

    sealed: int = 0
    removed: int = 0


def at_rest(how: Literal["keep", "encrypt", "remove"], recipient: str, key: str | None) -> AtRest:
    """The way of the settings. Raises ConfigurationError for keys that are missing or wrong."""
    try:
        identity = pyrage.x25519.Identity.from_str(key) if key else None
    except pyrage.IdentityError as error:
        raise ConfigurationError(
            f"{KEY_VARIABLE} is no age identity (AGE-SECRET-KEY-1…); make one with "
            "`raaderum landing-key --out FILE`"
        ) from error
    try:
        to = pyrage.x25519.Recipient.from_str(recipient) if recipient else None
    except pyrage.RecipientError as error:
        raise ConfigurationError(
            "intake.landing_recipient is no age recipient (age1…); `raaderum landing-key` tells it"
        ) from error
    if to is None and identity is not None:
        to = identity.to_public()
    if how == "encrypt" and to is None:
        raise ConfigurationError(
            f'intake.landing is "encrypt": set intake.landing_recipient (age1…) or {KEY_VARIABLE}; '
            "`raaderum landing-key --out FILE` makes both"
        )
    return AtRest(how, to, identity)


def copies(landing: Path) -> list[Path]:
    """Every delivered copy, sealed or not, in order; not what lies in the scratch folders."""
    if not landing.is_dir():
        return []
    return sorted(
        path
        for path in landing.rglob("*")
        if path.is_file()
        and path.suffix != ".part"
        and path.relative_to(landing).parts[0] not in SCRATCH
    )


def clean(landing: Path) -> None:
    """Remove what a killed run left: scratch, spill, and half-written copies."""
    for name in SCRATCH:
        shutil.rmtree(landing / name, ignore_errors=True)
    if landing.is_dir():
        for path in landing.rglob("*.part"):
            path.unlink(missing_ok=True)


def settle(landing: Path, rest: AtRest) -> Settled:
    """Bring every copy into the state that the settings want. May be repeated and interrupted."""
    clean(landing)
    if rest.how == "keep":
        return Settled()
    sealed = removed = 0
    for path in copies(landing):
        if rest.how == "remove":
            remove(path, landing)
            removed += 1
        elif path.suffix != SEALED:
            _seal(path, rest)
            sealed += 1
    return Settled(sealed, removed)


def remove(path: Path, landing: Path) -> None:
    """Remove a copy, and its folders where they are empty then."""
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == landing or any(folder.iterdir()):
            return
        folder.rmdir()


def _seal(path: Path, rest: AtRest) -> None:
    partial = path.with_name(path.name + SEALED + ".part")
    with path.open("rb") as plain, partial.open("wb") as sealed:
        pyrage.encrypt_io(plain, sealed, [rest.recipient])
    partial.replace(path.with_name(path.name + SEALED))
    path.unlink()


@contextlib.contextmanager
def opened(path: Path, landing: Path, rest: AtRest) -> Iterator[Path | None]:
    """The readable file behind a copy for as long as it is needed.

    A sealed copy is opened into the scratch folder and removed from there. None where it cannot be
    opened: there is no identity, or it was sealed to another.
    """
    if path.suffix != SEALED:
        yield path
        return
    if rest.identity is None:
        yield None
        return
    # Two copies of one name may be open at a time.
    scratch = landing / "scratch" / path.parent.name
    scratch.mkdir(parents=True, exist_ok=True)
    plain = scratch / path.name.removesuffix(SEALED)
    try:
        with path.open("rb") as sealed, plain.open("wb") as handle:
            pyrage.decrypt_io(sealed, handle, [rest.identity])
    except pyrage.DecryptError:
        plain.unlink(missing_ok=True)
        yield None
        return
    try:
        yield plain
    finally:
        plain.unlink(missing_ok=True)


def is_sealed(path: Path) -> bool:
    """Whether a copy is encrypted."""
    return path.suffix == SEALED
