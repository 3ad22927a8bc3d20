"""How an unknown file is written, told from its content, with what stays open said.

What belongs here: encoding, separator, and the forms of numbers and dates of some values. What does
not: which column is which (proposal). Nothing is decided where the values fit two readings.
"""

import codecs
import csv
import itertools
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SEPARATORS = {";": ";", ",": ",", "\t": "\\t", "|": "|"}
DATE_FORMS = (
    "%Y-%m-%d",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y%m%d",
    "%d-%m-%y",
    "%d/%m/%y",
)
TIMESTAMP_FORMS = tuple(
    f"{day}{between}{time}"
    for day in ("%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")
    for between in (" ", "T")
    for time in ("%H:%M:%S", "%H:%M")
)
_ROWS = 1000
_BYTES = 1 << 20
_SERIAL = re.compile(r"[1-9]\d{4}(?:[.,]\d+)?")
_NUMBER = re.compile(r"[+-]?\d[\d., ]*[+-]?")


@dataclass(frozen=True)
class TextFile:
    """A text file's encoding, separator and first rows; `notes` say what stays open."""

    encoding: str
    separator: str
    header: list[str]
    rows: list[list[str]]
    notes: tuple[str, ...]

    def column(self, position: int) -> list[str]:
        """The values of a column that are there."""
        values = (row[position].strip() for row in self.rows if position < len(row))
        return [value for value in values if value]


def text_file(path: Path) -> TextFile:
    """Read the beginning of a text file. Raises ValueError where it has no header."""
    with path.open("rb") as handle:
        start = handle.read(_BYTES)
    encoding, notes = _encoding(start)
    text = codecs.getincrementaldecoder(encoding)().decode(start)
    separator, more = _separator(text)
    records = csv.reader(text.splitlines(), delimiter=separator)
    header, *rows = itertools.islice(records, _ROWS + 1)
    if len(start) == _BYTES:
        rows = rows[:-1]
    return TextFile(encoding, separator, header, rows, (*notes, *more))


def _encoding(start: bytes) -> tuple[str, list[str]]:
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", []
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", []
    with suppress(UnicodeDecodeError):
        codecs.getincrementaldecoder("utf-8")().decode(start)
        return "utf-8-sig", []
    note = "the file is not UTF-8; cp1252 reads every Danish letter, check that it reads yours"
    return "cp1252", [note]


def _separator(text: str) -> tuple[str, list[str]]:
    """The sign that divides the first lines into equally many fields, and the most of them."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if not lines:
        raise ValueError("it has no header")
    found = {}
    for sign in SEPARATORS:
        widths = [len(row) for row in csv.reader(lines, delimiter=sign)]
        found[sign] = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
    able = {sign: score for sign, score in found.items() if score[1] > 1}
    if not able:
        return ";", ["only one column was found: is it fixed-width? Then fill in `fixed_width`"]
    best = max(able, key=lambda sign: able[sign])
    ties = [SEPARATORS[sign] for sign in able if able[sign] == able[best] and sign != best]
    return best, [f"{tie} divides the file as well: check the separator" for tie in ties]


def date_forms(values: list[str], forms: tuple[str, ...]) -> list[str]:
    """The forms that read every value."""
    return [form for form in forms if values and all(_reads(form, value) for value in values)]


def are_serials(values: list[str]) -> bool:
    """Whether every value may be a spreadsheet's serial number."""
    return bool(values) and all(_SERIAL.fullmatch(value) for value in values)


def _reads(form: str, value: str) -> bool:
    try:
        read = datetime.strptime(value, form)  # noqa: DTZ007 - a form is tried, not a moment
    except ValueError:
        return False
    return "%Y" not in form or read.year > 1000


@dataclass(frozen=True)
class Marks:
    """What the values say about the decimal mark; both may be open."""

    decimal: str
    thousands: str
    trailing_minus: bool
    open: bool
    """Values such as 1.234 are there, and none that says which mark it is."""


def number_marks(values: list[str]) -> Marks | None:
    """The marks of numbers, None where the values hold no mark or contradict each other."""
    numbers = [value for value in values if _NUMBER.fullmatch(value)]
    said = {mark for value in numbers if (mark := _decimal(value))}
    grouped = {value for value in numbers if re.search(r"[.,]\d{3}(?:\D|$)", value)}
    minus = any(value.endswith(("-", "+")) for value in numbers)
    if len(said) > 1 or not (said or grouped):
        return None
    if not said:
        return Marks("", "", minus, open=True)
    decimal = said.pop()
    other = "." if decimal == "," else ","
    thousands = next((m for m in (other, " ") if any(m in value for value in numbers)), "")
    return Marks(decimal, thousands, minus, open=False)


def _decimal(value: str) -> str | None:
    """The decimal mark of one number where it cannot be a thousand mark."""
    marks = re.findall(r"[.,]", value)
    if len(set(marks)) == 2:
        return str(marks[-1])
    if len(marks) != 1:
        return None
    decimals = re.search(r"[.,](\d*)[+-]?$", value)
    return str(marks[0]) if decimals and len(decimals[1]) != 3 else None
