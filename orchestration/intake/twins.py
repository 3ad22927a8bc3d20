"""A file that arrives twice under two names: read once, told, and counted.

What belongs here: which of them is read, and the accounting of the other. What does not: a delivery
that repeats an earlier one (deliveries).
"""

from collections.abc import Sequence

from orchestration.intake.contract import Entity
from orchestration.intake.file_count import FileCount
from orchestration.intake.landing import DeliveredFile
from orchestration.intake.problems import Problem
from orchestration.intake.profiles import EntityMap


def twins(files: Sequence[DeliveredFile], entity: Entity, mapped: EntityMap) -> dict[int, int]:
    """For every file (by number) that is not read: the one of the same content that is.

    The last one is, as it would have the last word if both were. Where rows get their key from the
    name of their file, both would be kept; there it is the first, so that keys stay as they were.
    """
    by_name = any(
        mapped.columns[column].derive == "file_and_row"
        for column in entity.key
        if column in mapped.columns
    )
    chosen: dict[str, int] = {}
    for number, file in enumerate(files):
        if not by_name or file.sha256 not in chosen:
            chosen[file.sha256] = number
    return {
        number: chosen[file.sha256]
        for number, file in enumerate(files)
        if chosen[file.sha256] != number
    }


def tell(counts: list[FileCount], unread: dict[int, int]) -> list[Problem]:
    """Count the rows of every twin as superseded by those of the file that was read, and tell."""
    for number, other in unread.items():
        twin, read = counts[number], counts[other]
        twin.twin = True
        twin.failed, twin.header = read.failed, read.header
        twin.rows_read, twin.rows_out_of_scope = read.rows_read, read.rows_out_of_scope
        twin.rows_superseded = read.rows_read - read.rows_out_of_scope
    return [
        Problem(counts[number].file, "file_twice", counts[number].entity, detail=counts[other].file)
        for number, other in unread.items()
    ]
