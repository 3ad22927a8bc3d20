"""The list of persons that `raaderum erase` is given.

What belongs here: reading that file. What does not: finding the persons (trails, raw_purge).
"""

from pathlib import Path

import duckdb

from orchestration.intake.cpr import birth_date_sql, digits_sql
from orchestration.settings import ConfigurationError

_SHOWN = 10


def read_numbers(path: Path) -> list[str]:
    """The CPR numbers of a file, ten signs each: one per line, hyphen or not, `#` for a comment.

    Raises ConfigurationError for a file that cannot be read, holds none, or has lines that are no
    number; these are named by their place alone.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path} cannot be read as a UTF-8 text: {type(error).__name__}"
        ) from error
    lines = [
        (number, line.split("#", maxsplit=1)[0].strip())
        for number, line in enumerate(text.splitlines(), start=1)
    ]
    given = [(number, line) for number, line in lines if line]
    if not given:
        raise ConfigurationError(f"{path} holds no CPR number; write one on each line")
    read = _normalised([line for _, line in given])
    wrong = [number for (number, _), digits in zip(given, read, strict=True) if digits is None]
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        named = ", ".join(map(str, wrong[:_SHOWN]))
        raise ConfigurationError(
            f"{path}: no CPR number in line {named}{more}; correct the file, nothing was erased"
        )
    return list(dict.fromkeys(digits for digits in read if digits))


def _normalised(lines: list[str]) -> list[str | None]:
    """Each line as intake would read it; None where it is no number."""
    digits = digits_sql("line")
    with duckdb.connect() as connection:
        connection.execute("create table given (place integer, line varchar)")
        connection.executemany("insert into given values (?, ?)", list(enumerate(lines)))
        rows = connection.execute(
            f"select case when ({birth_date_sql('digits')}) is not null then digits end"
            f" from (select place, {digits} as digits from given) order by place"
        ).fetchall()
    return [row[0] for row in rows]
