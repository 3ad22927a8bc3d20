"""CPR numbers: their form, their disguise, and the keyed pseudonym that replaces them.

What belongs here: the one description of what a CPR number looks like, as Python and as the SQL
that does the same over millions of rows, and the key. What does not: which columns hold one
(the contract says that).

Form: cpr.dk, "Opbygning af CPR-nummeret" and "Personnumre uden kontrolciffer (modulus 11)":
numbers that fail modulus 11 are issued and must be accepted. Replacement numbers have 60 added to
the day, or letters among the last four signs.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

import duckdb

_DAY = r"(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
FORM = rf"{_DAY}{_MONTH}[0-9]{{2}}[0-9A-Z]{{4}}"
"""A CPR number without its hyphen."""

IN_TEXT = rf"(^|[^0-9]){_DAY}{_MONTH}[0-9]{{2}}[ ./–-]{{0,3}}[0-9]{{4}}($|[^0-9])"
"""A CPR number somewhere in a text: ten digits that stand alone and begin with a date."""

MISPLACED = rf"(^|[^0-9])(?:{_DAY}|[1-9]){_MONTH}[0-9]{{2}}[ ./–-]{{0,3}}[0-9A-Z]{{4}}($|[^0-9])"
"""As IN_TEXT, or with the leading zero lost or letters at the end: what may stand in a column that
is not meant for it."""

MASK = "[CPR]"
_IN_TEXT = re.compile(IN_TEXT)
_MISPLACED = re.compile(MISPLACED)
_BLOCK = 64
_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def mask(text: str) -> str:
    """`text` with every CPR number in it replaced by `[CPR]`."""
    return _replaced(_IN_TEXT, text)


def hide(text: str) -> str:
    """As `mask`, also for nine digits and replacement numbers: for values that are shown."""
    return _replaced(_MISPLACED, text)


def _replaced(pattern: re.Pattern[str], text: str) -> str:
    # Twice, because two numbers with one sign between them share that sign in the pattern.
    for _ in range(2):
        text = pattern.sub(rf"\1{MASK}\2", text)
    return text


def found_sql(expression: str, pattern: str = IN_TEXT, shortest: int = 10) -> str:
    """SQL: whether a CPR number stands in a text. Most texts are too short to be searched."""
    return f"(strlen({expression}) >= {shortest} and regexp_matches({expression}, '{pattern}'))"


def mask_sql(expression: str) -> str:
    """SQL for `mask(expression)`."""
    return _replaced_sql(IN_TEXT, 10, expression)


def hide_sql(expression: str) -> str:
    """SQL for `hide(expression)`."""
    return _replaced_sql(MISPLACED, 9, expression)


def _replaced_sql(pattern: str, shortest: int, expression: str) -> str:
    """SQL that replaces; it looks first, because replacing costs many times more than looking."""
    once = f"regexp_replace({expression}, '{pattern}', '\\1{MASK}\\2', 'g')"
    twice = f"regexp_replace({once}, '{pattern}', '\\1{MASK}\\2', 'g')"
    found = found_sql(expression, pattern, shortest)
    return f"case when {found} then {twice} else {expression} end"


def digits_sql(expression: str) -> str:
    """SQL: the number without blanks and hyphen, with a lost leading zero put back."""
    bare = f"upper(regexp_replace({expression}, '[\\s-]', '', 'g'))"
    return f"case when regexp_full_match({bare}, '[0-9]{{9}}') then '0' || {bare} else {bare} end"


def birth_date_sql(digits: str) -> str:
    """SQL: the date of birth in a normalised number, null where it is no date.

    Century by the seventh digit: 0-3 is 19xx; 4 and 9 are 20xx up to year 36, else 19xx;
    5-8 are 20xx up to year 57, else 18xx. A letter there (replacement number) is read as 20xx.
    """
    day = f"(try_cast(substr({digits}, 1, 2) as integer) % 60)"
    month = f"substr({digits}, 3, 2)"
    year = f"try_cast(substr({digits}, 5, 2) as integer)"
    seventh = f"substr({digits}, 7, 1)"
    century = (
        f"case when {seventh} in ('0', '1', '2', '3') then 1900"
        f" when {seventh} in ('4', '9') then case when {year} <= 36 then 2000 else 1900 end"
        f" when {seventh} in ('5', '6', '7', '8')"
        f" then case when {year} <= 57 then 2000 else 1800 end"
        f" else 2000 end"
    )
    return (
        f"case when regexp_full_match({digits}, '{FORM}') then try_cast("
        f"(({century}) + {year})::varchar || '-' || {month} || '-' ||"
        f" lpad({day}::varchar, 2, '0') as date) end"
    )


def is_replacement_sql(digits: str) -> str:
    """SQL: whether a normalised number is a replacement number (60 on the day, or letters)."""
    return f"({digits} > '6' or regexp_matches({digits}, '[A-Z]'))"


def fails_modulus_sql(digits: str) -> str:
    """SQL: whether ten digits fail modulus 11, which numbers issued since 2007 may."""
    weighted = " + ".join(
        f"{weight} * try_cast(substr({digits}, {place}, 1) as integer)"
        for place, weight in enumerate(_WEIGHTS, start=1)
    )
    return f"({weighted}) % 11 <> 0"


@dataclass(frozen=True)
class Pseudonymiser:
    """HMAC-SHA-256 under one secret key, shortened to 128 bits (32 hexadecimal digits)."""

    key: bytes

    def token(self, value: str) -> str:
        """The pseudonym of one value."""
        return hmac.new(self.key, value.encode(), hashlib.sha256).hexdigest()[:32]

    def sql(self, expression: str) -> str:
        """SQL for `token(expression)`; needs the parameters of `bind` on the connection."""
        inner = f"unhex(sha256(getvariable('hmac_inner') || encode({expression})))"
        return f"left(lower(sha256(getvariable('hmac_outer') || {inner})), 32)"

    def bind(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give a connection the variables that `sql` reads."""
        inner, outer = self.pads()
        connection.execute("set variable hmac_inner = ?::blob", [inner])
        connection.execute("set variable hmac_outer = ?::blob", [outer])

    def pads(self) -> tuple[bytes, bytes]:
        """The inner and the outer padded key of RFC 2104, for the session of a database."""
        key = hashlib.sha256(self.key).digest() if len(self.key) > _BLOCK else self.key
        block = key.ljust(_BLOCK, b"\0")
        return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)
