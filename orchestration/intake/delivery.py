"""Writing canonical rows in the shape of a system's own files: a profile, read backwards.

What belongs here: header, words, dates, numbers, accounts and encoding of a profile's files.
What does not: where the rows come from (simulation), and reading such files (load).

What a shape cannot say is written as it stands, so that dirt stays the dirt it was.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pandas as pd

from orchestration.intake.accounts import as_prisme
from orchestration.intake.contract import Column, entities
from orchestration.intake.forms import FileForm, NumberForm
from orchestration.intake.profiles import Profile, ProfileError, canonical

EntityWriter = Callable[[str, Iterator[pd.DataFrame]], None]
"""Writes one entity from blocks of canonical rows."""

_Word = Callable[[str], str]
_CANONICAL_NUMBER = re.compile(r"([+-]?)(\d+)(?:\.(\d+))?")
_CANONICAL_TIMES = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")


def writer(profiles: Iterable[Profile], out: Path) -> EntityWriter:
    """What writes each entity in the shape of its feed's profile, to `out/cases` or `out/finance`.

    A feed for which there is no profile is written in canonical shape.
    """
    shapes = {"cases": canonical("cases"), "finance": canonical("finance")}
    shapes |= {profile.feed: profile for profile in profiles}

    def write(entity: str, frames: Iterator[pd.DataFrame]) -> None:
        feed = entities()[entity].feed
        write_entity(shapes[feed], entity, frames, out / feed)

    return write


def write_entity(
    profile: Profile, entity: str, frames: Iterator[pd.DataFrame], folder: Path
) -> Path:
    """Write one entity as one file of the profile's, block by block, and give its path.

    Frames hold the contract's columns; every value is text in canonical form (ISO dates, decimal
    point, `true`/`false`), and null is None. Raises ProfileError where the profile has no such
    entity, or derives a required column, so that it can be read but not written.
    """
    mapped = profile.entities.get(entity)
    if mapped is None:
        raise ProfileError(f"profile {profile.profile} has no entity {entity}")
    declared = entities()[entity]
    headers = {name: column.names[0] for name, column in mapped.columns.items() if column.names}
    unwritable = set(declared.required) - set(headers)
    if unwritable:
        raise ProfileError(
            f"profile {profile.profile} cannot be written: {entity} derives {sorted(unwritable)}"
        )
    columns = [name for name in declared.columns if name in headers]
    words = {name: _word(profile, entity, name) for name in columns}
    form = profile.form_of(entity)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / mapped.files[0].replace("*", "")
    with path.open("w", encoding=_encoding(form), newline="") as handle:
        blocks = _blocks(frames, columns)
        for number, frame in enumerate(blocks):
            pd.DataFrame(
                {headers[name]: _said(frame[name], words[name]) for name in columns}
            ).to_csv(
                handle,
                sep=form.separator,
                quotechar=form.quote,
                index=False,
                header=number == 0,
                lineterminator="\n",
            )
    return path


def _blocks(frames: Iterator[pd.DataFrame], columns: list[str]) -> Iterator[pd.DataFrame]:
    """A block without rows for the header, then the rows."""
    yield pd.DataFrame(columns=pd.Index(columns), dtype=object)
    yield from frames


def _encoding(form: FileForm) -> str:
    return "utf-8" if form.encodings[0] == "utf-8-sig" else form.encodings[0]


def _said(values: pd.Series, word: _Word) -> pd.Series:
    """A column in the system's words; each distinct value is put into them once."""
    words = {value: word(value) for value in values.dropna().unique()}
    return values.map(words)


def _word(profile: Profile, entity: str, name: str) -> _Word:
    """What turns one canonical value of a column into the system's."""
    form = profile.form_of(entity)
    column = entities()[entity].columns[name]
    translated: dict[str, str] = {}
    for system, ours in profile.entities[entity].columns[name].values.items():
        translated.setdefault(ours, system)
    typed = _typed_word(column, form, profile.account_form)
    return lambda value: translated.get(value) or typed(value)


def _typed_word(column: Column, form: FileForm, account_form: str) -> _Word:
    match column.type:
        case "date":
            return lambda value: _moment(value, form.dates[0], form.open_ends)
        case "timestamp":
            return lambda value: _moment(value, form.timestamps[0], form.open_ends)
        case "decimal":
            return lambda value: _number(value, form.number)
        case "boolean":
            words = {"true": form.true[0], "false": form.false[0]}
            return lambda value: words.get(value, value)
        case "account" if account_form == "prisme":
            return as_prisme
        case _:
            return lambda value: value


def _moment(value: str, written: str, open_ends: tuple[str, ...]) -> str:
    if value.startswith("9999-12-31") and open_ends:
        return open_ends[0]
    for read in _CANONICAL_TIMES:
        with suppress(ValueError):
            return datetime.strptime(value, read).strftime(written)  # noqa: DTZ007 (local time)
    return value


def _number(value: str, form: NumberForm) -> str:
    match = _CANONICAL_NUMBER.fullmatch(value)
    if not match:
        return value
    sign, whole, decimals = match.groups()
    if form.thousands:
        whole = f"{int(whole):,}".replace(",", form.thousands)
    return sign + whole + (form.decimal + decimals if decimals else "")
