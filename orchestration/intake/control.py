"""The control file of a delivery: rows and sums that its system says it sent, held against ours.

What belongs here: reading the control file and comparing. What does not: what a profile may say of
it (profiles), counting (entity_load).

A total that does not agree stops the source: a ledger with rows missing or doubled has wrong sums,
and which of its rows are the wrong ones cannot be told. Compared are the rows that were read, and
the sum of every amount that could be read, rejected and superseded rows included: the system
counted them too. Where a profile's scope leaves rows out, only rows are compared.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import duckdb

from orchestration.intake.cpr import hide
from orchestration.intake.entity_load import EntityLoad
from orchestration.intake.files import UnreadableFileError, open_table
from orchestration.intake.forms import FileForm
from orchestration.intake.headers import normalised
from orchestration.intake.landing import DeliveredFile, UnknownEncodingError
from orchestration.intake.problems import Problem
from orchestration.intake.profiles import Control, Profile
from orchestration.intake.values import cleaned, number

AMOUNT = "amount"
_MONEY = "DECIMAL(18,2)"


@dataclass(frozen=True)
class _Total:
    """One row of the control file; `amount` in DKK, None where nothing is said."""

    entity: str
    file: str
    rows: int | None
    amount: Decimal | None


def disagreements(
    files: list[DeliveredFile], profile: Profile, loads: list[EntityLoad], delivered: set[str]
) -> list[Problem]:
    """What the control files of a delivery say otherwise than what was read.

    `delivered` are the names of all its files. An entity that is not part of this load, because
    it came unchanged, was compared when it was loaded.
    """
    problems: list[Problem] = []
    for file in files:
        if profile.control:
            problems += _of_one_file(file, profile.control, profile, loads, delivered)
    return problems


def _of_one_file(
    file: DeliveredFile,
    control: Control,
    profile: Profile,
    loads: list[EntityLoad],
    delivered: set[str],
) -> Iterator[Problem]:
    name = hide(file.name)
    by_entity = {load.entity.name: load for load in loads}
    try:
        totals = _read(file, control, profile.form)
    except (UnreadableFileError, UnknownEncodingError, InvalidOperation, ValueError) as error:
        yield Problem(name, "control_unreadable", detail=hide(str(error).split("\n")[0]))
        return
    for total in totals:
        if total.entity not in profile.entities:
            yield Problem(name, "control_unreadable", detail=f"entity {hide(total.entity)}")
        elif total.file and total.file not in delivered:
            yield Problem(name, "control_missing", total.entity, detail=hide(total.file))
        elif total.entity in by_entity:
            yield from _compared(name, total, by_entity[total.entity])


def _compared(name: str, total: _Total, load: EntityLoad) -> Iterator[Problem]:
    wanted = hide(total.file)
    counts = [
        (number, count)
        for number, count in enumerate(load.counts())
        if not wanted or count.file == wanted
    ]
    if wanted and not counts:
        return
    what = wanted or total.entity
    rows = sum(count.rows_read for _, count in counts)
    if total.rows is not None and rows != total.rows:
        yield Problem(
            name, "control_rows", total.entity, detail=f"{what}: {rows} read, {total.rows} sent"
        )
    whole = not any(count.rows_out_of_scope for _, count in counts)
    if total.amount is not None and whole and AMOUNT in load.entity.columns:
        amount, unread = load.total(AMOUNT, [number for number, _ in counts])
        if amount != total.amount:
            detail = f"{what}: {amount} read, {total.amount} sent"
            detail += f", {unread} amounts cannot be read" if unread else ""
            yield Problem(name, "control_amount", total.entity, column=AMOUNT, detail=detail)


def _read(file: DeliveredFile, control: Control, form: FileForm) -> list[_Total]:
    """The rows of a control file. Raises ValueError where one cannot be read."""
    columns = (control.entity, control.file, control.rows, control.amount)
    known = frozenset(normalised(name) for column in columns for name in column.names)
    table = open_table(file.path, form, known)
    places = {normalised(name): place for place, name in reversed([*enumerate(table.header)])}

    def text(names: tuple[str, ...]) -> str:
        place = next((places[normalised(n)] for n in names if normalised(n) in places), None)
        return "null::varchar" if place is None else cleaned(f"c{place}", form)

    rows, amount = text(control.rows.names), text(control.amount.names)
    query = (
        f"select {text(control.entity.names)}, coalesce({text(control.file.names)}, ''),"
        f" {number(rows, form.number, _MONEY, 2)}, {rows},"
        f" {number(amount, form.number, _MONEY, 2)}, {amount}, _row from batch"
    )
    totals = []
    with duckdb.connect() as connection:
        for batch in table.batches:
            connection.register("batch", batch)
            totals += [_total(row) for row in connection.execute(query).fetchall()]
    if table.misshapen:
        raise ValueError(f"row {table.misshapen[0][0]} has another number of fields")
    if not totals:
        raise ValueError("it names no entity")
    return totals


def _total(row: tuple) -> _Total:
    entity, file, rows, rows_text, amount, amount_text, place = row
    if not entity:
        raise ValueError(f"row {place} names no entity")
    for read, text in ((rows, rows_text), (amount, amount_text)):
        if read is None and text is not None:
            raise ValueError(f"row {place} has {hide(text)}, which is no number")
    if rows is not None and rows % 1:
        raise ValueError(f"row {place} has {rows_text}, which is no number of rows")
    return _Total(entity, file, None if rows is None else int(rows), amount)
