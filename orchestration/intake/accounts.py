"""Account numbers of the authorised Danish municipal chart: parsing and writing.

What belongs here: the written forms of an account and what each digit means.
What does not: the names of functions and their periods, which are reference data
(`dbt_project/seeds/ref_functions.csv`) and reach the parser as a `Chart`.

Source of the layout: Budget- og regnskabssystem for kommuner, chapter 2 (kontostreng, digits 1-16);
Statistics Denmark, table REGKC, for the nine-digit composite `dranst + function + grouping`.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

OWNERSHIPS = frozenset("01234")
DRANSTS = frozenset("123456789")
# Three letters together: a name or a remark. An account has none but the suffix CPR.
_WORDS = re.compile(r"[^\W\d_]{3}")
_DOTTED = re.compile(r"(\d\.\d{2}\.\d{2})(?:\.(\d))?(?:\.(\d{3}))?(?:\.(\d{2}))?")


@dataclass(frozen=True)
class Account:
    """The parts of one account; a part that the written form lacks is None.

    `function` is written `5.28.20`; `art` is main art and art, two digits.
    """

    function: str
    dranst: str | None = None
    ownership: str | None = None
    grouping: str | None = None
    art: str | None = None


class AccountError(ValueError):
    """An account that cannot be read: which part is wrong, and what was probably meant."""

    def __init__(self, part: str, detail: str, suggestion: str | None = None) -> None:
        super().__init__(detail)
        self.part = part
        self.detail = detail
        self.suggestion = suggestion


class Chart:
    """The functions that exist, as five digits, in whatever period they are valid."""

    def __init__(self, functions: Iterable[str]) -> None:
        self._codes = frozenset(function.replace(".", "") for function in functions)

    @classmethod
    def from_csv(cls, path: Path) -> "Chart":
        """Read the `function` column of the reference file."""
        with path.open(encoding="utf-8", newline="") as handle:
            return cls(row["function"] for row in csv.DictReader(handle))

    def __contains__(self, code: str) -> bool:
        return code in self._codes

    def nearest(self, code: str) -> str | None:
        """The one function that differs by two swapped digits, or else by one digit."""
        swapped = {
            code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(len(code) - 1)
        } & self._codes
        close = swapped or {
            known
            for known in self._codes
            if len(known) == len(code)
            and sum(a != b for a, b in zip(known, code, strict=True)) == 1
        }
        return next(iter(close)) if len(close) == 1 else None


def dotted(code: str) -> str:
    """`52820` as `5.28.20`."""
    return f"{code[0]}.{code[1:3]}.{code[3:5]}"


def parse_account(text: str, chart: Chart) -> Account:
    """Read an account in any of its written forms.

    Forms: `5.28.20[.dranst[.grouping[.art]]]`; 5, 6, 9 or 16 digits (and each with its leading
    zero lost); Prisme's dashed string; DST's nine-digit composite. A form that fits two functions
    is refused. Raises AccountError.
    """
    clean = text.strip().replace(" ", "").upper()
    if _WORDS.search(clean.replace("CPR", "")):
        raise AccountError("text", "it is a text and no account")
    if "-" in clean:
        return _parse_dashed(clean, chart)
    match = _DOTTED.fullmatch(clean)
    if match:
        function, dranst, grouping, art = match.groups()
        return _checked(function.replace(".", ""), chart, dranst, None, grouping, art)
    digits = clean.removesuffix("CPR")
    if not digits.isascii() or not digits.isdigit():
        raise AccountError("form", "it holds something other than digits, dots and dashes")
    return _parse_digits(digits, chart)


def _parse_digits(digits: str, chart: Chart) -> Account:
    if len(digits) in (4, 8, 15):
        # A spreadsheet drops the leading zero of main account 0; nothing else has these lengths.
        digits = "0" + digits
    if len(digits) == 5:
        return _checked(digits, chart)
    if len(digits) == 6:
        return _checked(digits[:5], chart, digits[5])
    if len(digits) == 9:
        return _parse_composite(digits, chart)
    if len(digits) == 16:
        return _checked(digits[:5], chart, digits[5], digits[6], digits[11:14], digits[14:16])
    if len(digits) == 10:
        raise AccountError("alias", "it is a ten-digit alias, which has no entry in the chart")
    raise AccountError("form", f"it has {len(digits)} digits; 5, 6, 9 and 16 are known")


def _parse_composite(digits: str, chart: Chart) -> Account:
    """Nine digits: function, dranst, grouping (Prisme), or dranst, function, grouping (DST)."""
    function_first = digits[:5] in chart and digits[5] in DRANSTS
    dranst_first = digits[1:6] in chart and digits[0] in DRANSTS
    if function_first and dranst_first:
        raise AccountError("form", "it fits two functions, depending on where dranst stands")
    if dranst_first:
        return _checked(digits[1:6], chart, digits[0], None, digits[6:9])
    return _checked(digits[:5], chart, digits[5], None, digits[6:9])


def _parse_dashed(clean: str, chart: Chart) -> Account:
    """Prisme: `department-function+dranst+grouping-activity-art-…`; art has a local third digit."""
    segments = clean.split("-")
    position = next(
        (i for i, part in enumerate(segments[:2]) if part.isdigit() and len(part) in (8, 9)), None
    )
    if position is None:
        raise AccountError("form", "no part of it holds function, dranst and grouping")
    composite = segments[position].zfill(9)
    arts = [part.removesuffix("CPR") for part in segments[position + 2 : position + 3]]
    art = arts[0][:2] if arts and len(arts[0]) == 3 and arts[0].isdigit() else None
    return _checked(composite[:5], chart, composite[5], None, composite[6:], art)


def _checked(
    function: str,
    chart: Chart,
    dranst: str | None = None,
    ownership: str | None = None,
    grouping: str | None = None,
    art: str | None = None,
) -> Account:
    if function not in chart:
        near = chart.nearest(function)
        raise AccountError(
            "function",
            f"function {dotted(function)} is not in the chart of accounts",
            dotted(near) if near else None,
        )
    if dranst is not None and dranst not in DRANSTS:
        raise AccountError("dranst", f"dranst {dranst} does not exist (1 to 9 do)")
    if ownership is not None and ownership not in OWNERSHIPS:
        raise AccountError("ownership", f"ownership {ownership} does not exist (0 to 4 do)")
    return Account(dotted(function), dranst, ownership, grouping, art)


def as_prisme(text: str) -> str:
    """An account as Prisme prints it; what lacks dranst or grouping is left as it is.

    The form has no place for ownership and cost centre: they become part of department and
    activity, so that different accounts stay different, and are not read back. An art of two
    digits gets a zero as its local third. Nothing is checked: a wrong account stays as wrong.
    """
    clean = text.strip().replace(" ", "")
    if len(clean) == 16 and clean.isdigit() and clean[6] in OWNERSHIPS:
        department, activity = f"0100{clean[6]}", f"01{clean[7:11]}"
        return f"{department}-{clean[:6]}{clean[11:14]}-{activity}-{clean[14:]}0---"
    parts = _DOTTED.fullmatch(clean)
    if parts and parts[2] and parts[3]:
        composite = parts[1].replace(".", "") + parts[2] + parts[3]
        return f"01005-{composite}-010025-{parts[4] + '0' if parts[4] else ''}---"
    return text
