"""Source profiles: how one system's files map onto the canonical entities.

What belongs here: the YAML format of a profile and finding a profile by name. What does not: how
files are written (forms), reading a file (files) and reading a value (values).

A municipality keeps profiles of its own in a folder beside `raaderum.toml`, named `profiles/`.
"""

from fnmatch import fnmatch
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from orchestration.intake.contract import Feed, entities
from orchestration.intake.forms import FileForm, NumberForm, Part, SignColumn


class ProfileError(ValueError):
    """A profile that is not there or cannot be used; the message says what to change."""


class ColumnMap(Part):
    """Where a canonical column comes from.

    `names` are the headers it goes by, whichever is there; `values` translates what the system
    says; `patterns` does so by regular expression, first match first. `derive` makes the column
    from the row itself.

    `number` is the column's own form of numbers. `sign` is the column that gives an amount its
    sign. `digits` is how many digits a number of fixed length has: leading zeros that were lost
    are put back. `open_end_age` is for an end date: the person's birthday at that age means that
    no end is known (birth date from the row's CPR number).
    """

    names: tuple[str, ...] = ()
    values: dict[str, str] = Field(default_factory=dict)
    patterns: dict[str, str] = Field(default_factory=dict)
    derive: Literal["file_and_row", "year_of_posting_date"] | None = None
    number: NumberForm | None = None
    sign: SignColumn | None = None
    digits: int | None = Field(None, ge=2, le=30)
    open_end_age: int | None = Field(None, ge=1, le=30)


class LocalAccount(Part):
    """A ledger whose accounts are not of the Danish chart: two columns stand for the account."""

    function: ColumnMap
    grouping: ColumnMap


class Scope(Part):
    """Which rows are ours: those whose column matches the pattern. The rest is out of scope."""

    names: tuple[str, ...]
    pattern: str


class EntityMap(Part):
    """One entity of the profile: its files, form and columns.

    `ignored` are columns that the system delivers and nobody here needs: they are never read.
    """

    files: tuple[str, ...]
    delivery: Literal["snapshot", "changes"] = "snapshot"
    form: FileForm | None = None
    columns: dict[str, ColumnMap]
    ignored: tuple[str, ...] = ()
    local_account: LocalAccount | None = None
    scope: Scope | None = None

    def takes(self, filename: str) -> bool:
        """Whether a delivered file belongs to this entity."""
        return any(fnmatch(filename.casefold(), pattern.casefold()) for pattern in self.files)


class Profile(Part):
    """One system's profile."""

    profile: str
    title: str
    feed: Feed
    form: FileForm = FileForm()
    account_form: Literal["as_given", "prisme"] = "as_given"
    entities: dict[str, EntityMap]

    @model_validator(mode="after")
    def _known_columns(self) -> Self:
        for name, mapped in self.entities.items():
            if name not in entities():
                raise ValueError(f"entity {name} is not in the contract")
            unknown = set(mapped.columns) - set(entities()[name].columns)
            if unknown:
                raise ValueError(f"{name}: no such column in the contract: {sorted(unknown)}")
        return self

    def form_of(self, entity: str) -> FileForm:
        """How the files of an entity are written."""
        return self.entities[entity].form or self.form


def canonical(feed: Feed) -> Profile:
    """The identity: one file an entity, under the names of the contract."""
    mapped = {
        name: EntityMap(
            files=(f"{name}*.csv", f"{name}*.parquet"),
            columns={column: ColumnMap(names=(column,)) for column in entity.columns},
        )
        for name, entity in entities().items()
        if entity.feed == feed
    }
    return Profile(profile="canonical", title="Canonical entities", feed=feed, entities=mapped)


def profile_names() -> list[str]:
    """The profiles that come with the product."""
    folder = files("orchestration.intake").joinpath("profiles")
    own = (entry.name for entry in folder.iterdir() if entry.name.endswith(".yml"))
    return sorted({"canonical", *(name.removesuffix(".yml") for name in own)})


def find_profile(name: str, feed: Feed | None, own_folder: Path | None = None) -> Profile:
    """The profile of that name: the municipality's own before the product's.

    `feed` may be None for a profile that says itself which system it is for. Raises ProfileError
    where there is no such profile, it is invalid, or it is for the other system.
    """
    if name == "canonical":
        if feed is None:
            raise ProfileError('a canonical source must say feed = "cases" or "finance"')
        return canonical(feed)
    own = own_folder / f"{name}.yml" if own_folder else None
    if own and own.is_file():
        text = own.read_text("utf-8")
    elif name in profile_names():
        text = files("orchestration.intake").joinpath(f"profiles/{name}.yml").read_text("utf-8")
    else:
        known = ", ".join(profile_names())
        raise ProfileError(f"there is no source profile {name!r}; known are {known}")
    try:
        profile = Profile.model_validate(yaml.safe_load(text))
    except (ValidationError, yaml.YAMLError) as error:
        raise ProfileError(f"source profile {name!r} is not valid: {error}") from error
    if feed is not None and profile.feed != feed:
        raise ProfileError(f"source profile {name!r} is for {profile.feed}, not for {feed}")
    return profile
