"""A made-up ledger of any size, with values that repeat as those of a real one do.

What belongs here: the columns and how often their values repeat. What does not: measuring (intake).

Per posting a number of its own; about 1,500 days, 200 accounts, 700 suppliers, 40,000 persons
(on two postings of three), 30,000 measures, three postings a voucher; of the texts half are one of
3,000, half hold an invoice number, one in a thousand a CPR number. CPR numbers are of the form that
can belong to nobody (60 added to the day).
"""

import csv
from collections.abc import Iterable
from pathlib import Path

import duckdb

from orchestration.intake.contract import entities, sql_type

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
_PART = 200_000
"""Rows that one statement makes."""

_WORDS = (
    "'Opholdssted døgn', 'Plejefamilie vederlag', 'Aflastning weekend', 'Fast kontaktperson',"
    " 'Befordring', 'Psykolog, samtaler', 'Familiebehandling', 'Praktisk støtte', 'Honorar',"
    " 'Kost og logi', 'Efterregulering', 'Lommepenge', 'Beklædning', 'Advokatbistand'"
)
TYPES = {name: sql_type(column) for name, column in entities()["postings"].columns.items()}
"""Columns of a ledger in their order, and the SQL types under which intake keeps them."""

_HEADERS = {
    "canonical": ",".join(TYPES),
    "prisme": "Posteringsnr;Bogføringsdato;Periode;Regnskabsår;Konto;Beløb;CPR;Leverandør-CVR;"
    "BevillingsId;Bilagsnr;Tekst",
}
FILES = {"canonical": "postings.csv", "prisme": "Posteringer.csv"}


def functions() -> list[str]:
    """The first functions of the chart of accounts, five digits each."""
    with (SEEDS / "ref_functions.csv").open(encoding="utf-8", newline="") as handle:
        return sorted({row["function"].replace(".", "") for row in csv.DictReader(handle)})[:10]


def write_ledger(folder: Path, form: str, megabytes: int) -> Path:
    """Write a ledger of at least that size in the form of a profile; the path of the file."""
    path = folder / FILES[form]
    part = folder / "part.csv"
    first = 0
    with duckdb.connect() as connection, path.open("wb") as handle:
        connection.execute("set threads = 2")
        handle.write((_HEADERS[form] + "\n").encode())
        while handle.tell() < megabytes * 1_000_000:
            # Small ledgers are made in small steps, so that a sample is as small as asked for.
            rows = min(_PART, max(1_000, megabytes * 5_000))
            connection.execute(_copy(form, first, rows, part))
            handle.write(part.read_bytes())
            first += rows
    part.unlink()
    return path


def _copy(form: str, first: int, rows: int, part: Path) -> str:
    separator = {"canonical": ",", "prisme": ";"}[form]
    return (
        f"copy (with rolled as ({_rolled(first, rows)})"
        f" select {', '.join(_columns(form))} from rolled order by i)"
        f" to '{part.as_posix()}' (format csv, header false, delimiter '{separator}')"
    )


def _rolled(first: int, rows: int) -> str:
    """SQL: a number per row, and one die per column, the same for everyone who throws them."""
    dice = ["date", "account", "person", "cvr", "measure", "text", "amount", "cents"]
    thrown = ", ".join(f"hash(i, {n}) as {die}" for n, die in enumerate(dice))
    return f"select i, {thrown} from range({first}, {first + rows}) as r(i)"


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(f"'{text}'" for text in texts) + "]"


def _columns(form: str) -> list[str]:
    """SQL of the columns, in the order of the contract."""
    day = "(date '2020-01-01' + (date % 1500)::integer)"
    person = "hash(person % 40000)"
    cpr = (
        f"(61 + {person} % 28) || lpad((1 + {person} // 100 % 12)::varchar, 2, '0')"
        f" || lpad((5 + {person} // 10000 % 15)::varchar, 2, '0')"
        f" || (4000 + {person} // 1000000 % 6000)"
    )
    word = f"[{_WORDS}][1 + (text % 14)::integer]"
    text = (
        f"case when text % 1000 = 7 then {word} || ' ' || {cpr}"
        f" when text % 2 = 0 then {word} || ', uge ' || (text // 14 % 215)"
        f" else {word} || ' faktura ' || (text // 14 % 9000000 + 1000000) end"
    )
    return [
        "'P' || (i + 10000000)",
        f"strftime({day}, '%d-%m-%Y')" if form == "prisme" else day,
        f"month({day})",
        f"year({day})",
        _account(form),
        _amount(form),
        f"case when person % 3 > 0 then {cpr} end",
        "30000000 + cvr % 700 * 1237",
        "case when person % 3 > 0 then 'M' || (measure % 30000 + 100000) end",
        "500000 + i // 3",
        text,
    ]


def _account(form: str) -> str:
    function = f"{_list(functions())}[1 + (account % 10)::integer]"
    grouping = "lpad((1 + account // 10 % 5)::varchar, 3, '0')"
    art = "(40 + account // 50 % 4 * 10)"
    if form == "prisme":
        return f"'01005-' || {function} || '1' || {grouping} || '-010025-' || {art} || '0---'"
    return f"{function} || '100001' || {grouping} || {art}"


def _amount(form: str) -> str:
    sign, whole = "case when cents % 10 = 0 then '-' else '' end", "(amount % 60000)::bigint"
    cents = "lpad((cents % 100)::varchar, 2, '0')"
    if form == "prisme":
        return f"{sign} || replace(format('{{:,}}', {whole}), ',', '.') || ',' || {cents}"
    return f"{sign} || {whole} || '.' || {cents}"
