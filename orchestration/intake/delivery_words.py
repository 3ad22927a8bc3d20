"""One canonical value in a system's words: dates, numbers, yes and no, accounts.

What belongs here: the inverse of reading a value. What does not: files and headers (delivery).
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import pandas as pd

from orchestration.intake.accounts import as_prisme
from orchestration.intake.contract import Column
from orchestration.intake.forms import FileForm, NumberForm, SignColumn
from orchestration.intake.profiles import ColumnMap, Profile

Word = Callable[[str], str]
_CANONICAL_NUMBER = re.compile(r"([+-]?)(\d+)(?:\.(\d+))?")
_CANONICAL_TIMES = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's day has no time zone
_FIVE_DIGITS = range(10_000, 100_000)


def said(values: pd.Series, word: Word) -> pd.Series:
    """A column in the system's words; each distinct value is put into them once."""
    words = {value: word(value) for value in values.dropna().unique()}
    return values.map(words)


def word(column: Column, mapped: ColumnMap, form: FileForm, profile: Profile) -> Word:
    """What turns one canonical value of a column into the system's."""
    translated: dict[str, str] = {}
    for system, ours in mapped.values.items():
        translated.setdefault(ours, system)
    typed = _typed_word(column, mapped, form, profile.account_form)
    return lambda value: translated.get(value) or typed(value)


def _typed_word(column: Column, mapped: ColumnMap, form: FileForm, account_form: str) -> Word:
    match column.type:
        case "date":
            return lambda value: _day(value, form)
        case "timestamp":
            return lambda value: _moment(value, form.timestamps[0], form.open_ends)
        case "decimal" if mapped.sign:
            return lambda value: _number(value.lstrip("+-"), mapped.number or form.number)
        case "decimal":
            return lambda value: _number(value, mapped.number or form.number)
        case "boolean":
            words = {"true": form.true[0], "false": form.false[0]}
            return lambda value: words.get(value, value)
        case "account" if account_form == "prisme":
            return as_prisme
        case _:
            return lambda value: value


def sign_word(value: str, sign: SignColumn) -> str:
    """What the sign column says of an amount."""
    return (sign.negative if value.startswith("-") else sign.positive)[0]


def _day(value: str, form: FileForm) -> str:
    if form.serial_dates:
        with suppress(ValueError):
            day = datetime.strptime(value, "%Y-%m-%d") - _DAY_ZERO  # noqa: DTZ007
            if day.days in _FIVE_DIGITS:
                return str(day.days)
    return _moment(value, form.dates[0], form.open_ends)


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
    if form.implied_decimals:
        return sign + whole + (decimals or "").ljust(form.implied_decimals, "0")
    if form.thousands:
        whole = f"{int(whole):,}".replace(",", form.thousands)
    return sign + whole + (form.decimal + decimals if decimals else "")
