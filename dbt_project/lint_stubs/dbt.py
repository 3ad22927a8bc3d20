"""dbt's cross-database macros as sqlfluff's Jinja templater sees them.

Belongs here: SQL of the right shape for linting, for the macros that models call. Never run.
"""


def type_string() -> str:
    """Type of text."""
    return "varchar"


def date_trunc(part: str, date: str) -> str:
    """First moment of a part of the calendar."""
    return f"date_trunc('{part}', {date})"


def last_day(date: str, part: str) -> str:
    """Last day of a part of the calendar."""
    return f"last_day({date}, '{part}')"


def dateadd(part: str, interval: object, date: str) -> str:
    """A date some parts later."""
    return f"date_add({date}, {interval}, '{part}')"


def datediff(first: str, second: str, part: str) -> str:
    """Parts between two dates."""
    return f"date_diff('{part}', {first}, {second})"
