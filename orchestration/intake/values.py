"""How delivered text becomes typed values: SQL expressions, one per type of the contract.

What belongs here: reading one value, and naming the rule that it breaks. What does not: files,
rows, keys and the accounting of them (load).

All of it is SQL text for DuckDB, so that a ledger of millions of rows is read by the engine and
not by Python. A value is never guessed: what does not read in exactly one way is refused.
"""

import re
from dataclasses import dataclass

from orchestration.intake import cpr
from orchestration.intake.column_text import literal, word_list
from orchestration.intake.contract import Column, sql_type
from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.forms import FileForm, NumberForm
from orchestration.intake.profiles import ColumnMap

EARLIEST, LATEST = "1900-01-01", "2100-12-31"
"""Dates outside are typing errors; open ends are removed before."""

NOISE_DECIMALS = 9
"""From so many decimals on, digits can only be the noise of a binary number."""


SHOWN = 80
"""Signs of a value that an error listing shows."""


@dataclass(frozen=True)
class Reading:
    """The SQL of one column: its typed value, the rule it breaks, and the rule it bends.

    `broken` and `warning` give the code of a rule or null; they are empty where nothing can be
    wrong with the column.
    """

    value: str
    broken: str
    warning: str = ""


def cleaned(expression: str, form: FileForm) -> str:
    """SQL: a trimmed text, null where it is empty or a word for nothing."""
    if not form.nulls:
        return f"nullif({expression}, '')"
    return (
        f"case when {expression} <> '' and lower({expression}) not in {word_list(form.nulls)}"
        f" then {expression} end"
    )


def translated(expression: str, mapped: ColumnMap) -> str:
    """SQL: what the system says in the words of the contract."""
    for source, target in mapped.patterns.items():
        condition = f"regexp_matches({expression}, {literal(source)})"
        expression = f"case when {condition} then {literal(target)} else {expression} end"
    if not mapped.values:
        return expression
    whens = " ".join(
        f"when {literal(source.casefold())} then {literal(target)}"
        for source, target in mapped.values.items()
    )
    return f"case lower({expression}) {whens} else {expression} end"


def reading(text: str, name: str, column: Column, form: FileForm, secret: Pseudonymiser) -> Reading:
    """The SQL that reads `text` (a column of cleaned text) as a column of the contract.

    `name` is the column under which the caller keeps the typed value; `broken` refers to it, so
    that a costly value is computed once.
    """
    value, rule = _typed(text, column, form, secret)
    delivered = f"{text} is not null"
    if column.type == "date" and form.open_ends:
        delivered += f" and lower({text}) not in {word_list(form.open_ends)}"
    whens = []
    if column.type in ("string", "text") and form.error_cells:
        listed = f"lower({text}) in {word_list(form.error_cells)}"
        narrow = f"length({text}) > 2 and trim({text}, '#') = ''"
        whens.append(f"when starts_with({text}, '#') and ({listed} or {narrow}) then 'cell_error'")
    if column.type not in ("string", "text", "account") or column.values:
        unread = f"{name} is null"
        if column.type in ("date", "timestamp"):
            unread = f"({unread} or {name} not between '{EARLIEST}' and '{LATEST}')"
        whens.append(f"when {delivered} and {unread} then {literal(rule)}")
    if column.required:
        whens.append(f"when {name} is null then 'required'")
    limits = [
        f"{name} {sign} {limit}"
        for sign, limit in (("<", column.minimum), (">", column.maximum))
        if limit is not None
    ]
    if limits:
        whens.append(f"when {' or '.join(limits)} then 'range'")
    broken = f"case {' '.join(whens)} end" if whens else ""
    return Reading(value, broken, _noise(text, form) if column.type == "decimal" else "")


def _noise(text: str, form: FileForm) -> str:
    many = literal(f"\\{form.number.decimal}[0-9]{{{NOISE_DECIMALS},}}")
    return (
        f"case when strlen({text}) > {NOISE_DECIMALS} and regexp_matches({text}, {many})"
        f" then 'amount_noise' end"
    )


def shown(text: str, column: Column) -> str:
    """SQL: the value as an error listing may show it."""
    if column.type == "cpr" or column.pseudonymise:
        return f"case when {text} is not null then {literal(cpr.MASK)} end"
    return f"left({cpr.hide_sql(text)}, {SHOWN})"


def _typed(text: str, column: Column, form: FileForm, secret: Pseudonymiser) -> tuple[str, str]:
    """The typed expression, and the rule that is broken where it is null though text is there."""
    match column.type:
        case "date":
            return _date(text, form), "date"
        case "timestamp":
            formats = ", ".join(literal(pattern) for pattern in form.timestamps)
            return _or_serial(f"try_strptime({text}, [{formats}])", text, form), "date"
        case "decimal":
            return number(text, form.number, sql_type(column), column.scale), "amount"
        case "integer":
            # A spreadsheet writes a whole number with a gap in its column as 2024.0.
            whole = literal(f"([+-]?[0-9]{{1,18}})(\\{form.number.decimal}0{{1,2}})?")
            return (
                f"try_cast(regexp_extract({text}, '^' || {whole} || '$', 1) as bigint)",
                "integer",
            )
        case "boolean":
            return (
                f"case when lower({text}) in {word_list(form.true)} then true"
                f" when lower({text}) in {word_list(form.false)} then false end",
                "boolean",
            )
        case "cpr":
            known = f"({cpr.birth_date_sql(text)}) is not null"
            return f"case when {known} then {secret.sql(text)} end", "cpr"
        case "text":
            return cpr.mask_sql(text), "value"
        case _:
            return _string(text, column, secret), "value"


def _string(text: str, column: Column, secret: Pseudonymiser) -> str:
    if column.pseudonymise:
        return secret.sql(text)
    if column.values:
        whens = " ".join(
            f"when {literal(value.casefold())} then {literal(value)}" for value in column.values
        )
        return f"case lower({text}) {whens} end"
    if column.type == "account":
        return cpr.mask_sql(text)
    # An identifier made from a CPR number is replaced as a whole, so that keys still meet.
    hidden = cpr.found_sql(text)
    return f"case when {hidden} then 'p' || {secret.sql(text)} else {text} end"


def _date(text: str, form: FileForm) -> str:
    formats = ", ".join(literal(pattern) for pattern in form.dates)
    moment = _or_serial(f"try_strptime({text}, [{formats}])", text, form)
    parsed = f"cast({moment} as date)"
    if form.open_ends:
        parsed = f"case when lower({text}) not in {word_list(form.open_ends)} then {parsed} end"
    return parsed


def _or_serial(moment: str, text: str, form: FileForm) -> str:
    """SQL: the moment, or the one that a spreadsheet's serial number stands for.

    Day 0 is 30 December 1899: from 1 March 1900 on that agrees with the spreadsheets, which count
    a 29 February 1900 that never was. Only five digits are a serial number (19 May 1927 and
    later): fewer may be a year, eight a date without signs. The fraction is the time of day.
    """
    if not form.serial_dates:
        return moment
    serial = literal(f"[1-9][0-9]{{4}}(\\{form.number.decimal}[0-9]{{1,17}})?")
    days = f"cast(replace({text}, ',', '.') as double)"
    seconds = f"to_seconds(cast(round({days} * 86400) as bigint))"
    return (
        f"case when regexp_full_match({text}, {serial})"
        f" then timestamp '1899-12-30' + {seconds} else {moment} end"
    )


def number(text: str, form: NumberForm, type_name: str, scale: int) -> str:
    """SQL: a decimal that reads in one way only, null for everything else.

    Thousand marks must stand at every third digit. Three decimals of money are refused even if
    the last is a zero: 1.500 may be one and a half, or fifteen hundred. An amount is not rounded:
    other digits beyond `scale` must be zeros, or the noise of a binary number, less than a
    millionth.
    """
    bare = text
    if form.strip:
        # Currency marks and blanks around the number, before and after its sign; never inside it.
        marks = "[" + re.escape(form.strip) + "]+"
        around = literal(f"^([-+(]?){marks}|{marks}([-+)]?)$")
        bare = f"regexp_replace({text}, {around}, '\\1\\2', 'g')"
    digits = _digits_pattern(form, scale)
    shapes = [f"[+-]?{digits}"]
    negative = f"{bare} like '-%'"
    unsigned = f"ltrim({bare}, '+-')"
    if form.trailing_minus:
        shapes.append(f"{digits}[+-]")
        negative += f" or {bare} like '%-'"
        unsigned = f"rtrim({unsigned}, '+-')"
    if form.parentheses:
        shapes.append(f"\\({digits}\\)")
        negative += f" or {bare} like '(%'"
        unsigned = f"trim({unsigned}, '()')"
    shape = "|".join(shapes)
    plain = f"replace({unsigned}, {literal(form.thousands)}, '')" if form.thousands else unsigned
    if form.implied_decimals:
        plain = _with_mark(unsigned, form.implied_decimals)
    elif form.decimal == ",":
        plain = f"replace({plain}, ',', '.')"
    parsed = f"try_cast({plain} as {type_name})"
    off = f"abs(try_cast(left({plain}, 36) as decimal(38,18)) - {parsed})"
    ordinary = _ordinary(text, form, type_name, scale)
    return (
        f"case{ordinary} when regexp_full_match({bare}, {literal(shape)})"
        f" and (length({plain}) <= {NOISE_DECIMALS} or {off} < 0.000001)"
        f" then case when {negative} then -{parsed} else {parsed} end end"
    )


def _ordinary(text: str, form: NumberForm, type_name: str, scale: int) -> str:
    """SQL: the branch that reads what most amounts are, at a third of the cost of the others.

    No marks, a sign in front if any, and no more decimals than are kept: nothing to weigh.
    """
    if form.implied_decimals:
        return ""
    shape = literal(f"-?{_whole_pattern(form)}(\\{form.decimal}[0-9]{{1,{scale}}})?")
    plain = f"replace({text}, {literal(form.thousands)}, '')" if form.thousands else text
    if form.decimal == ",":
        plain = f"replace({plain}, ',', '.')"
    return f" when regexp_full_match({text}, {shape}) then try_cast({plain} as {type_name})"


def _with_mark(digits: str, decimals: int) -> str:
    """SQL: digits with the decimal mark that they were written without."""
    width = f"greatest(length({digits}), {decimals + 1})::integer"
    return f"regexp_replace(lpad({digits}, {width}, '0'), '([0-9]{{{decimals}}})$', '.\\1')"


def _digits_pattern(form: NumberForm, scale: int) -> str:
    if form.implied_decimals:
        return f"[0-9]{{1,{16 + form.implied_decimals}}}"
    decimal = "\\" + form.decimal
    zeros = "00+" if scale == 2 else "0+"
    decimals = f"[0-9]{{1,{scale}}}|[0-9]{{{scale}}}{zeros}|[0-9]{{{NOISE_DECIMALS},18}}"
    return f"{_whole_pattern(form)}({decimal}({decimals}))?"


def _whole_pattern(form: NumberForm) -> str:
    whole = "[0-9]{1,16}"
    if not form.thousands:
        return whole
    return f"({whole}|[0-9]{{1,3}}(\\{form.thousands}[0-9]{{3}})+)"
