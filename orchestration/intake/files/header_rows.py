"""Which of the first rows of a file is its header.

What belongs here: title rows, headers of several rows, and telling them by the names that the
profile knows. What does not: what the columns mean (headers).
"""

from itertools import zip_longest

from orchestration.intake.files.table import UnreadableFileError
from orchestration.intake.forms import FileForm
from orchestration.intake.headers import normalised

SEARCHED = 50
"""Rows among which the header is looked for."""


def known_in(names: list[str], known: frozenset[str]) -> int:
    """How many of the names that the profile knows stand in a row."""
    return len({normalised(name) for name in names} & known)


def header_start(rows: list[list[str]], form: FileForm, known: frozenset[str]) -> int:
    """How many rows stand above the header, given the first rows of a file.

    With `title_rows: auto` it is the row (or rows, joined) with the most names that the profile
    knows; the first row that is not blank where nothing is known of the file. Raises
    UnreadableFileError where no row has one, or two rows have as many.
    """
    if form.title_rows != "auto":
        return form.title_rows
    starts = _starts(rows, form)
    if not known:
        filled = (start for start in starts if any(text.strip() for text in rows[start]))
        return next(filled, 0)
    found = _known_from(starts, rows, form, known)
    most = max(found, default=0)
    if not most:
        raise UnreadableFileError(
            f"none of its first {SEARCHED} rows is a header that the profile knows"
        )
    if found.count(most) > 1:
        first, second = [start + 1 for start in starts if found[start] == most][:2]
        raise UnreadableFileError(
            f"rows {first} and {second} could both be its header; set title_rows in the profile"
        )
    return found.index(most)


def most_known(rows: list[list[str]], form: FileForm, known: frozenset[str]) -> int:
    """How many names that the profile knows stand in the header, if these are the first rows."""
    return max(_known_from(_starts(rows, form), rows, form, known), default=0)


def _starts(rows: list[list[str]], form: FileForm) -> range:
    """The rows, counted from 0, at which the header may begin."""
    if form.title_rows == "auto":
        return range(min(SEARCHED, len(rows)))
    return range(form.title_rows, form.title_rows + 1)


def _known_from(
    starts: range, rows: list[list[str]], form: FileForm, known: frozenset[str]
) -> list[int]:
    return [known_in(joined(rows[start:], form.header_rows), known) for start in starts]


def joined(rows: list[list[str]], header_rows: int) -> list[str]:
    """The header that stands in the first rows: the texts of each column, joined with a blank."""
    columns = zip_longest(*rows[:header_rows], fillvalue="")
    return [" ".join(filter(None, (text.strip() for text in column))) for column in columns]
