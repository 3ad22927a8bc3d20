"""What a column's text says only together with another column, or with its declared length.

What belongs here: signs from a column of their own, lost leading zeros, ends that stand for no end.
What does not: one value by itself (values), which column is which (row_sql).

All of it is SQL text, as in `values`.
"""

from orchestration.intake.cpr import birth_date_sql
from orchestration.intake.forms import SignColumn


def literal(text: str) -> str:
    """`text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def word_list(texts: tuple[str, ...]) -> str:
    """Texts as an SQL list, in the case in which they are compared."""
    return "(" + ", ".join(literal(text.casefold()) for text in texts) + ")"


def with_zeros(text: str, digits: int) -> str:
    """SQL: the text, with the leading zeros that a number of `digits` digits lost."""
    short = f"regexp_full_match({text}, '[0-9]{{1,{digits - 1}}}')"
    return f"case when {short} then lpad({text}, {digits}, '0') else {text} end"


def signed(amount: str, word: str, sign: SignColumn) -> str:
    """SQL: the amount's text with the sign that `word` says.

    An amount that has a sign of its own ends up with two, and one whose word is unknown with a
    question mark: neither reads as a number, so that such an amount is refused and not guessed.
    """
    said = f"coalesce(lower({word}), '')"
    return (
        f"case when {said} in {word_list(sign.positive)} then '+' || {amount}"
        f" when {said} in {word_list(sign.negative)} then '-' || {amount}"
        f" else {amount} || ' ?' || coalesce({word}, '') end"
    )


def without_birthday(text: str, day: str, cpr_digits: str, age: int) -> str:
    """SQL: the text of an end date, null where it is the person's birthday at `age`.

    `day` is the SQL of the date that the text says. Who was born on 29 February has two such days.
    """
    born = birth_date_sql(cpr_digits)
    birthday = f"({born}) + interval {age} year"
    leap = f"strftime({born}, '%m%d') = '0229' and {day} = {birthday} + interval 1 day"
    return f"case when {day} = {birthday} or ({leap}) then null else {text} end"
