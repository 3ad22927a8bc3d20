"""Source profiles: how one system's files map onto the canonical entities.

What belongs here: the YAML format of a profile and finding a profile by name. What does not: how
files are written (forms), reading a file (files) and reading a value (values).

A municipality keeps profiles of its own in a folder beside `raaderum.toml`, named `profiles/`.
"""

from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import Field, PrivateAttr, ValidationError, model_validator

from orchestration.intake.contract import Feed, entities
from orchestration.intake.file_names import fits
from orchestration.intake.forms import FileForm, NumberForm, Part, SignColumn
from orchestration.intake.profile_checks import explained, refuse_incoherent

Delivery = Literal["snapshot", "changes", "replacement"]


class ProfileError(ValueError):
    """A profile that is not there or cannot be used; the message says what to change."""


class Lookup(Part):
    """The column is taken from another entity of the same delivery, by a column that both have."""

    entity: str
    """The entity in which it is looked up."""
    by: str
    """The column of the contract that both entities have, `case_id` for instance."""
    column: str = ""
    """The column that is looked up; by default the one of the same name."""


class MappingUse(Part):
    """The column is what a mapping table says of other columns of the row."""

    table: str
    """One of the profile's `mappings`."""
    by: tuple[tuple[str, ...], ...]
    """For every key of the table, the headers that its column goes by in this file."""
    only: str = ""
    """Where this pattern does not fit the first key, the key is the value itself (an account that
    is written out beside aliases)."""


class ColumnMap(Part):
    """Where a canonical column comes from, and the rules that it is held to."""

    names: tuple[str, ...] = ()
    """The headers it goes by, whichever is there; case, blanks and signs do not count."""
    values: dict[str, str] = Field(default_factory=dict)
    """What the system says, and what the contract says for it."""
    patterns: dict[str, str] = Field(default_factory=dict)
    """The same by regular expression, first match first."""
    derive: Literal["file_and_row", "year_of_posting_date"] | None = None
    """The column is made from the row itself."""
    lookup: Lookup | None = None
    """Where no header of `names` is there, the column is looked up in another entity."""
    mapping: MappingUse | None = None
    """The column is translated by a mapping table; for accounts."""
    number: NumberForm | None = None
    """The column's own form of numbers."""
    sign: SignColumn | None = None
    """The column that gives an amount its sign."""
    digits: int | None = Field(None, ge=2, le=30)
    """How many digits a number of fixed length has: leading zeros that were lost are put back."""
    open_end_age: int | None = Field(None, ge=1, le=30)
    """For an end date: the person's birthday at that age means that no end is known (birth date
    from the row's CPR number)."""
    required: bool = False
    """A row without it is rejected. What the contract requires is required anyway."""
    minimum: int | None = None
    """The lowest number that is allowed; the contract's own limit holds beside it."""
    maximum: int | None = None
    """The highest number that is allowed."""
    match: str = ""
    """A regular expression that the whole value must fit, before it is translated."""
    rule: str = "pattern"
    """The code of rules.yml that is reported where `match` does not fit."""


class LocalAccount(Part):
    """A ledger whose accounts are not of the Danish chart: two columns stand for the account."""

    function: ColumnMap
    grouping: ColumnMap


class Scope(Part):
    """Which rows are ours: those whose column matches the pattern. The rest is out of scope."""

    names: tuple[str, ...]
    pattern: str


class DeletionMark(Part):
    """The column in which changes say that a row is gone, and the words with which they do."""

    names: tuple[str, ...] = Field(min_length=1)
    """Headers that the column goes by."""
    values: tuple[str, ...] = Field(min_length=1)
    """The words that mean deleted; case does not count."""


class FilePart(Part):
    """One of the files over which a system spreads an entity; how the simulator writes it.

    Reading needs none of this: a file is read by its header.
    """

    file: str
    """The file's name."""
    version: str = ""
    """The version of the profile in which it is written."""
    where: dict[str, str] = Field(default_factory=dict)
    """Which rows it holds: columns and the patterns that fit. A row goes to the first part."""
    without: tuple[str, ...] = ()
    """Columns that this file does not have."""
    form: FileForm | None = None
    """What is written in another way in this file than in its version."""


class EntityMap(Part):
    """One entity of the profile: its files, form and columns."""

    files: tuple[str, ...]
    """Patterns of the names of its files."""
    delivery: Delivery = "snapshot"
    """What a delivery means for those before it: a snapshot is all there is, changes replace row
    by row, and a replacement is the whole of each slice that it has rows of."""
    replaces: tuple[str, ...] = ()
    """The columns that make a slice of a replacement, such as the year."""
    deleted: DeletionMark | None = None
    """What changes say of a row that is gone; it closes the row's key."""
    form: FileForm | None = None
    """How its files are written; what is not said here is as in the profile's form."""
    columns: dict[str, ColumnMap] = Field(default_factory=dict)
    """The columns of the contract, and where each comes from."""
    ignored: tuple[str, ...] = ()
    """Columns that the system delivers and nobody here needs: they are never read."""
    local_account: LocalAccount | None = None
    """Two columns stand for the account: a ledger that is not of the Danish chart."""
    scope: Scope | None = None
    """Which rows are ours."""
    parts: tuple[FilePart, ...] = ()
    """The files over which the system spreads the entity; without any it is one file."""
    not_carried: tuple[str, ...] = ()
    """Columns of the raw table that the system cannot say as the contract does."""

    def takes(self, filename: str) -> bool:
        """Whether a delivered file belongs to this entity."""
        return fits(filename, self.files)


class EntityVersion(Part):
    """What a version says in place of, or beside, the entity's own map."""

    form: FileForm | None = None
    """What is written in another way in this version."""
    columns: dict[str, ColumnMap] = Field(default_factory=dict)
    """Columns that stand elsewhere in this version."""
    ignored: tuple[str, ...] = ()
    """More columns that nobody needs."""


class Version(Part):
    """The profile as the system writes its files from a date on."""

    name: str
    valid_from: date
    entities: dict[str, EntityVersion]


class Mapping(Part):
    """A table that translates: its columns are one or more keys and what they stand for."""

    files: tuple[str, ...] = ()
    """Patterns of the names of its files where it is delivered with the source."""
    beside: str = ""
    """The name of the file where it is kept beside the profile."""
    keys: tuple[tuple[str, ...], ...]
    """The headers of each key, whichever is there. An empty cell fits everything, and `*` any
    number of signs; the row that says most about its keys counts."""
    to: tuple[str, ...]
    """The headers of what the keys stand for."""


@dataclass(frozen=True)
class ReadingMap:
    """One way to read an entity's file: the version's name, its map and its form."""

    version: str
    mapped: EntityMap
    form: FileForm


class Control(Part):
    """The control file of a delivery: what should be in it, told by the system that sent it.

    One row per entity, or per file where `file` is filled in: rows, and the sum of `amount` where
    the entity has one. Empty cells are not compared.
    """

    files: tuple[str, ...]
    entity: ColumnMap = ColumnMap(names=("entity",))
    file: ColumnMap = ColumnMap(names=("file",))
    rows: ColumnMap = ColumnMap(names=("rows",))
    amount: ColumnMap = ColumnMap(names=("amount",))

    def takes(self, filename: str) -> bool:
        """Whether a delivered file is the control file."""
        return fits(filename, self.files)


class Profile(Part):
    """One system's profile."""

    profile: str
    """Its name, which is also the file's."""
    title: str
    """What people call the system."""
    feed: Feed
    """Which of the two systems it is: cases or finance."""
    form: FileForm = FileForm()
    """How the system writes its files."""
    account_form: Literal["as_given", "prisme"] = "as_given"
    """How the system prints an account; how the simulator writes it."""
    mappings: dict[str, Mapping] = Field(default_factory=dict)
    """Tables that columns are translated by."""
    entities: dict[str, EntityMap]
    """The entities of the contract that the system delivers."""
    versions: tuple[Version, ...] = ()
    """The profile's own history, the oldest first. A file is read by the newest version whose
    required columns it has; `name@version` in the configuration pins one."""

    control: Control | None = None
    """The file that says what the delivery should hold."""

    _folders: tuple[Path, ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        refuse_incoherent(self)
        return self

    def delivered_as(self, delivery: dict[str, Delivery]) -> "Profile":
        """The profile with entities delivered in another way than it says."""
        mapped = {
            name: entity.model_copy(update={"delivery": delivery.get(name, entity.delivery)})
            for name, entity in self.entities.items()
        }
        return self.model_copy(update={"entities": mapped})

    def form_of(self, entity: str) -> FileForm:
        """How the files of an entity are written."""
        return over(self.entities[entity].form, self.form)

    def readings(self, entity: str) -> tuple[ReadingMap, ...]:
        """The ways in which a file of the entity may be read, the newest first."""
        base = ReadingMap("", self.entities[entity], self.form_of(entity))
        found = [
            ReadingMap(version.name, *_overridden(base, version.entities[entity]))
            for version in sorted(self.versions, key=lambda v: v.valid_from, reverse=True)
            if entity in version.entities
        ]
        whole = set(entities()[entity].required) <= set(base.mapped.columns)
        return (*found, base) if whole or not found else tuple(found)

    def pinned(self, version: str) -> "Profile":
        """The profile as that version alone has it. Raises ProfileError for an unknown one."""
        chosen = next((one for one in self.versions if one.name == version), None)
        if chosen is None:
            known = ", ".join(one.name for one in self.versions) or "none"
            raise ProfileError(
                f"source profile {self.profile!r} has no version {version!r}; it has {known}"
            )
        mapped = dict(self.entities)
        for name, override in chosen.entities.items():
            base = ReadingMap("", mapped[name], self.form_of(name))
            both, form = _overridden(base, override)
            mapped[name] = both.model_copy(update={"form": form})
        update = {"profile": f"{self.profile}@{version}", "versions": (), "entities": mapped}
        return self.model_copy(update=update)

    def beside(self, name: str) -> Path | None:
        """A file that is kept beside the profile: the municipality's own before the product's."""
        found = (folder / name for folder in self._folders)
        return next((path for path in found if path.is_file()), None)

    def kept_in(self, *folders: Path) -> "Profile":
        """The profile, told where files beside it lie."""
        self._folders = folders
        return self


def _overridden(base: ReadingMap, override: EntityVersion) -> tuple[EntityMap, FileForm]:
    columns = base.mapped.columns | override.columns
    ignored = (*base.mapped.ignored, *override.ignored)
    mapped = base.mapped.model_copy(update={"columns": columns, "ignored": ignored})
    return mapped, over(override.form, base.form)


def over(form: FileForm | None, base: FileForm) -> FileForm:
    """`base`, with what `form` itself says in its place."""
    if form is None:
        return base
    said = {name: getattr(form, name) for name in form.model_fields_set}
    if "number" in said:
        number = form.number
        kept = {name: getattr(number, name) for name in number.model_fields_set}
        said["number"] = base.number.model_copy(update=kept)
    return base.model_copy(update=said)


def canonical(feed: Feed) -> Profile:
    """The identity: one file an entity, under the names of the contract."""
    mapped = {
        name: EntityMap(
            files=tuple(f"{name}*.{ending}" for ending in ("csv", "parquet", "xlsx")),
            columns={column: ColumnMap(names=(column,)) for column in entity.columns},
        )
        for name, entity in entities().items()
        if entity.feed == feed
    }
    return Profile(
        profile="canonical",
        title="Canonical entities",
        feed=feed,
        entities=mapped,
        control=Control(files=("control.csv",)),
    )


def profile_names() -> list[str]:
    """The profiles that come with the product."""
    own = (entry.name for entry in shipped_folder().iterdir() if entry.name.endswith(".yml"))
    return sorted({"canonical", *(name.removesuffix(".yml") for name in own)})


def find_profile(name: str, feed: Feed | None, own_folder: Path | None = None) -> Profile:
    """The profile of that name, or `name@version`: the municipality's own before the product's.

    `feed` may be None for a profile that says itself which system it is for. Raises ProfileError
    where there is no such profile or version, it is invalid, or it is for the other system.
    """
    name, _, version = name.partition("@")
    if name == "canonical":
        if feed is None:
            raise ProfileError('a canonical source must say feed = "cases" or "finance"')
        profile = canonical(feed)
    else:
        profile = read_profile(_place(name, own_folder))
    if feed is not None and profile.feed != feed:
        raise ProfileError(f"source profile {name!r} is for {profile.feed}, not for {feed}")
    folders = (own_folder, shipped_folder()) if own_folder else (shipped_folder(),)
    return (profile.pinned(version) if version else profile).kept_in(*folders)


def read_profile(path: Path) -> Profile:
    """The profile of a file. Raises ProfileError with the file, the key and the remedy."""
    try:
        return Profile.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except ValidationError as error:
        raise ProfileError(f"{path} is not valid: {explained(error, Profile)}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        place = " ".join(str(error).split())
        raise ProfileError(f"{path} is not valid YAML in UTF-8: {place}; correct it") from error


def shipped_folder() -> Path:
    """The folder of the profiles that come with the product."""
    return Path(str(files("orchestration.intake").joinpath("profiles")))


def _place(name: str, own_folder: Path | None) -> Path:
    own = own_folder / f"{name}.yml" if own_folder else None
    if own and own.is_file():
        return own
    if name in profile_names():
        return shipped_folder() / f"{name}.yml"
    raise ProfileError(
        f"there is no source profile {name!r}; known are {', '.join(profile_names())}, and those"
        " in profiles/ beside raaderum.toml"
    )
