"""Which version of a profile reads a file: decided by the file's header.

What belongs here: opening a file in the form of each version, choosing, and the contract as a
version makes it stricter. What does not: what a version says (profiles) and the rows (entity_load).
"""

from dataclasses import dataclass
from pathlib import Path

from orchestration.intake.contract import Column, Entity, entities
from orchestration.intake.files import Table, UnreadableFileError, open_table
from orchestration.intake.headers import Header, known_headers
from orchestration.intake.profiles import ColumnMap, Profile, ReadingMap


@dataclass(frozen=True)
class OpenedFile:
    """A file, its header, and the version of the profile that reads it."""

    table: Table
    header: Header
    reading: ReadingMap


def open_file(path: Path, profile: Profile, entity: str) -> OpenedFile:
    """Open a file by the newest version whose required columns it has, else by the nearest.

    Nearest is the version that lacks fewest columns; what it lacks is in `header.missing()`.
    Raises UnreadableFileError and UnknownEncodingError.
    """
    nearest: tuple[int, OpenedFile] | None = None
    refusal: UnreadableFileError | None = None
    for reading in profile.readings(entity):
        known = known_headers(entities()[entity], reading.mapped)
        try:
            table = open_table(path, reading.form, known)
        except UnreadableFileError as error:
            # Another version may know this header, sheet or layout.
            refusal = refusal or error
            continue
        header = Header(stricter(entities()[entity], reading), reading.mapped, table.header)
        opened = OpenedFile(table, header, reading)
        lacking = len(header.missing())
        if not lacking:
            return opened
        if nearest is None or lacking < nearest[0]:
            nearest = lacking, opened
    if nearest is None and refusal:
        raise refusal
    if nearest is None:
        raise RuntimeError(f"profile {profile.profile} cannot read {entity}")
    return nearest[1]


def stricter(entity: Entity, reading: ReadingMap) -> Entity:
    """The entity as the profile holds it: the contract's rules and the profile's own."""
    columns = {
        name: _stricter_column(column, reading.mapped.columns.get(name))
        for name, column in entity.columns.items()
    }
    return entity.model_copy(update={"columns": columns})


def _stricter_column(column: Column, mapped: ColumnMap | None) -> Column:
    if mapped is None:
        return column
    lows = [one for one in (column.minimum, mapped.minimum) if one is not None]
    highs = [one for one in (column.maximum, mapped.maximum) if one is not None]
    return column.model_copy(
        update={
            "required": column.required or mapped.required,
            "minimum": max(lows, default=None),
            "maximum": min(highs, default=None),
        }
    )
