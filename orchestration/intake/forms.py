"""How a system writes its files, numbers and dates: the part of a profile that readers follow.

What belongs here: the fields of `form` in a profile, and checks of one against the other.
What does not: which column is which (profiles), and reading (files, values).
"""

import re
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Format = Literal["auto", "csv", "fixed_width", "excel", "parquet"]
Packing = Literal["", "zip", "gzip"]

_SHORT_DATES = ("%y", "%j", "%U", "%W")

_ERROR_CELLS = (
    *("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"),
    *("#I/T", "#REFERENCE!", "#VÆRDI!", "#DIVISION/0!", "#NAVN?", "#NUL!", "#OVERLØB!"),
)


class Part(BaseModel):
    """A part of a profile: frozen, and every key is known."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, use_attribute_docstrings=True
    )


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from error
    return text


class NumberForm(Part):
    """How a system writes numbers.

    `implied_decimals` are decimals that are written without their mark: with 2, `12345` is
    123.45. Only whole numbers read in one way then.
    """

    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " "] = ""
    strip: str = ""
    trailing_minus: bool = False
    parentheses: bool = False
    implied_decimals: int = Field(0, ge=0, le=6)

    @model_validator(mode="after")
    def _two_marks(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError("the decimal mark and the thousand mark must differ")
        if self.implied_decimals and self.thousands:
            raise ValueError("a number with implied decimals has no thousand mark")
        return self


class SignColumn(Part):
    """A column that says whether an amount is added or taken: `D`/`K`, `Debet`/`Kredit`, `+`/`-`.

    `names` are its headers. The amount itself is then written without a sign. `""` in `positive`
    or `negative` stands for a blank; a word in neither is refused with its amount.
    """

    names: tuple[str, ...]
    positive: tuple[str, ...] = ("D", "Debet", "+")
    negative: tuple[str, ...] = ("K", "Kredit", "-")

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        both = {word.casefold() for word in self.positive} & {
            word.casefold() for word in self.negative
        }
        if both:
            raise ValueError(f"{sorted(both)} cannot be both positive and negative")
        return self


class FixedColumn(Part):
    """One column of a fixed-width file: its first position (from 1) and its width, in characters.

    `name` is the header under which the profile's columns find it.
    """

    name: str
    start: int = Field(ge=1)
    width: int = Field(ge=1)


class FixedWidth(Part):
    """How the lines of a fixed-width file are divided.

    `records`, `header`, `trailer` and `others` are regular expressions for the beginning of a
    line. A line that fits `records` is a row (all lines, where it is empty). `header` is the first
    line, `trailer` the last one; a group `count` in it is the number of rows that the file must
    have, so that a file that breaks off is noticed. Lines that fit `others` are records that are
    not ours. `padded: false` is for files whose lines lose their trailing blanks on the way.
    """

    columns: tuple[FixedColumn, ...] = Field(min_length=1)
    records: str = ""
    header: str = ""
    trailer: str = ""
    others: str = ""
    padded: bool = True

    _patterns = field_validator("records", "header", "trailer", "others")(_pattern)

    @model_validator(mode="after")
    def _apart(self) -> Self:
        names = [column.name for column in self.columns]
        if len(set(names)) < len(names):
            raise ValueError("two columns of a fixed-width file have the same name")
        return self


class FileForm(Part):
    """How a system writes its files.

    - `format`: `auto` goes by the file's content. A file that is neither Parquet nor a workbook
      is fixed-width where `fixed_width` is there, else CSV.
    - `encodings`: the first that decodes the whole file. UTF-16 is told from eight bits by its byte
      order mark or by its zeros; `utf-16` alone needs the mark.
    - `separator`: one character, or `auto` for the one of `;`, `,`, tab and `|` under which the
      header has the most of the names that the profile knows. A tie is refused.
    - `sheet`: the sheet of a workbook; by default the only one whose header the profile knows.
    - `title_rows`: rows above the header. `auto` looks for the row with the most names that the
      profile knows, among the first fifty.
    - `header_rows`: rows that make up the header; their texts are joined with a blank, and a cell
      merged over several columns counts for each of them (in a workbook; CSV does not tell).
    - `totals`: regular expressions for the first value of a row that is a total or a footer and
      no data. Such rows count as out of scope.
    - `max_workbook_mb`: a workbook that unpacks to more is refused unread.
    - `serial_dates`: dates may be written as a spreadsheet's serial number, `45322` or `45322.5`.
    - `error_cells`: what a spreadsheet shows where it has no value, such as `#N/A`. A text that is
      one of them, or nothing but `###`, is refused and never taken for a word.
    - `packing`: how the simulator packs the file; a reader goes by the content.
    - `byte_order_mark`: the simulator begins a UTF-8 file with one; a reader takes either.
    """

    format: Format = "auto"
    packing: Packing = ""
    separator: str = ","
    quote: str = '"'
    byte_order_mark: bool = False
    encodings: tuple[str, ...] = ("utf-8-sig",)
    sheet: str = ""
    title_rows: int | Literal["auto"] = 0
    header_rows: int = Field(1, ge=1, le=5)
    max_workbook_mb: int = Field(2048, ge=1)
    totals: tuple[str, ...] = ()
    fixed_width: FixedWidth | None = None
    number: NumberForm = NumberForm()
    dates: tuple[str, ...] = ("%Y-%m-%d",)
    timestamps: tuple[str, ...] = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
    serial_dates: bool = False
    open_ends: tuple[str, ...] = ("9999-12-31",)
    nulls: tuple[str, ...] = ()
    error_cells: tuple[str, ...] = _ERROR_CELLS
    true: tuple[str, ...] = ("true", "t", "1", "yes", "y", "ja", "j")
    false: tuple[str, ...] = ("false", "f", "0", "no", "n", "nej")

    @field_validator("totals")
    @classmethod
    def _total_patterns(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_pattern(pattern) for pattern in patterns)

    @field_validator("separator")
    @classmethod
    def _one_character(cls, separator: str) -> str:
        if separator != "auto" and len(separator) != 1:
            raise ValueError("a separator is one character, or auto")
        return separator

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.format == "fixed_width" and self.fixed_width is None:
            raise ValueError("format fixed_width needs fixed_width with its columns")
        if isinstance(self.title_rows, int) and self.title_rows < 0:
            raise ValueError("title_rows is a number from 0, or auto")
        if self.serial_dates and any(_reads_digits(form) for form in self.dates):
            raise ValueError(
                "serial_dates cannot stand beside a date form of fewer than eight digits: "
                "45322 would read in two ways"
            )
        return self


def _reads_digits(form: str) -> bool:
    """Whether a date form reads five digits without any sign between them."""
    bare = re.sub(r"%[A-Za-z]", "", form)
    return not bare and any(short in form for short in _SHORT_DATES)
