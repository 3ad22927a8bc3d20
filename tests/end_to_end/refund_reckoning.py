"""The central refund scheme reckoned once more, in plain Python from the delivered files.

Belongs here: the rules as a person reads them, without SQL, dbt or the warehouse's own models. Of
the warehouse it takes one thing: which measure each part of a posting was tied to. Not here: what
must be equal.
"""

import csv
import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

SEEDS = Path(__file__).parents[2] / "dbt_project/seeds"
COUNTS = {"52820", "52821", "52822", "52823", "55772"}
AFTER_CARE = re.compile(r"(SEL § 76( a)?|BL § (113|114|115|116|120))(,|$)")

Row = dict[str, str]
Month = tuple[int, int]
"""Year and month of the year."""


@dataclass(frozen=True)
class Tied:
    """One part of a posting: its amount in øre and the measure that it was tied to, if any."""

    posting_id: str
    measure_id: str | None
    oere: int


@dataclass(frozen=True)
class Account:
    """What the refund scheme asks of an account: function (5 digits) and dranst."""

    function: str
    dranst: str


def rows(path: Path) -> list[Row]:
    """The rows of a delivered file or a seed."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def account_of(written: str) -> Account:
    """Function and dranst of an account in any of the three written forms."""
    digits = written.split("-")[1] if "-" in written else written
    return Account(digits[:5], digits[5])


@dataclass(frozen=True)
class Ledger:
    """When the municipality's books begin, the last month that is over, and the day of the run."""

    first: Month
    last: Month
    as_of: date


def reckon(
    exports: Path, tied: list[Tied], ledger: Ledger
) -> dict[tuple[str, Month], tuple[int, int]]:
    """Eligible cost and expected refund in øre, by household and month, where either is not 0."""
    children = {row["cpr"]: row for row in rows(exports / "cases/children.csv")}
    measures = {row["measure_id"]: row for row in rows(exports / "cases/measures.csv")}
    postings = {row["posting_id"]: row for row in rows(exports / "finance/postings.csv")}
    spans = {
        key: (
            date.fromisoformat(row["starts_on"]),
            _end(row, children.get(row["cpr"]), ledger.as_of),
        )
        for key, row in measures.items()
        if row["status"] in ("granted", "ended")
    }
    cared: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for key, span in spans.items():
        if AFTER_CARE.match(measures[key]["legal_basis"]):
            cared[measures[key]["cpr"]].append(span)
    costs: dict[tuple[str, Month], int] = defaultdict(int)
    for part in _by_month(tied, postings, measures, spans, ledger):
        measure = measures.get(part.measure_id or "")
        if not _counts(part.account, measure):
            continue
        child = children.get(part.cpr)
        is_cared = any(
            begin <= _last(part.month) and end >= date(*part.month, 1)
            for begin, end in cared[part.cpr]
        ) or bool(measure and AFTER_CARE.match(measure["legal_basis"]))
        if part.cpr and _is_pooled(child, part.month, is_cared):
            household = (child["household_id"] if child else "") or part.cpr
            costs[household, part.month] += part.oere
    limits = _limits()
    found = {key: (cost, refund(cost, key[1][0], limits)) for key, cost in costs.items()}
    return {key: values for key, values in found.items() if any(values)}


@dataclass(frozen=True)
class Part:
    """What one person, measure and written account cost in one month, in øre."""

    cpr: str
    measure_id: str | None
    account: str
    month: Month
    oere: int


def _by_month(
    tied: list[Tied],
    postings: dict[str, Row],
    measures: dict[str, Row],
    spans: dict[str, tuple[date, date]],
    ledger: Ledger,
) -> Iterator[Part]:
    """The months that costs are for: a measure's cost of a year over the days that it ran in it."""
    parts = []
    for one in tied:
        posting = postings[one.posting_id]
        measure = measures.get(one.measure_id or "")
        cpr = posting["cpr"] or (measure["cpr"] if measure else "")
        parts.append(Part(cpr, one.measure_id, posting["account"], _booked(posting), one.oere))
    newest: dict[tuple[str, int], Month] = {}
    for part in parts:
        if _may_spread(part, measures) and part.month <= ledger.last:
            key = (str(part.measure_id), part.month[0])
            newest[key] = max(part.month, newest.get(key, part.month))
    yearly: dict[tuple[str, str, str, int], int] = defaultdict(int)
    for part in parts:
        key = (str(part.measure_id), part.month[0])
        measure = measures.get(part.measure_id or "")
        if measure and measure["unit"] == "once":
            yield from _twelve(part)
        elif (
            _may_spread(part, measures)
            and part.month <= newest.get(key, (0, 0))
            and _days(spans.get(key[0]), key[1], newest[key], ledger.first)
        ):
            yearly[part.cpr, key[0], part.account, key[1]] += part.oere
        else:
            yield part
    for (cpr, measure_id, account, year), oere in yearly.items():
        days = _days(spans[measure_id], year, newest[measure_id, year], ledger.first)
        total, gone, before = sum(days.values()), 0, 0
        for month, count in sorted(days.items()):
            gone += count
            until = (2 * oere * gone + total) // (2 * total)
            yield Part(cpr, measure_id, account, month, until - before)
            before = until


def _may_spread(part: Part, measures: dict[str, Row]) -> bool:
    """Tied to a measure that is paid as it runs, and not the booked refund."""
    measure = measures.get(part.measure_id or "")
    account = account_of(part.account)
    is_refund = account.function == "52207" and account.dranst == "2"
    return bool(measure and measure["unit"] != "once") and not is_refund


def _days(
    span: tuple[date, date] | None, year: int, newest: Month, first: Month
) -> dict[Month, int]:
    """Days by month of a year in which a measure ran, from the books' start to a month."""
    found = {}
    for number in range(1, newest[1] + 1):
        month = (year, number)
        if span and month >= first:
            count = (min(span[1], _last(month)) - max(span[0], date(*month, 1))).days + 1
            if count > 0:
                found[month] = count
    return found


def refund(cost: int, year: int, limits: dict[int, list[tuple[int, int]]]) -> int:
    """Refund in øre of a month's cost in øre; each tier is rounded, half an øre up."""
    tiers = limits[max(known for known in limits if known <= year)]
    total = 0
    for number, (limit, rate) in enumerate(tiers):
        upper = tiers[number + 1][0] if number + 1 < len(tiers) else 12 * cost
        above = max(min(12 * cost, max(upper, limit)) - limit, 0)
        total += (rate * above * 2 + 120_000) // 240_000
    return total


def _limits() -> dict[int, list[tuple[int, int]]]:
    """By year the tiers as limit in øre and rate in hundredths of a per cent, lowest first."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in sorted(rows(SEEDS / "ref_refund_limits.csv"), key=lambda row: row["tier"]):
        rate = int(Decimal(row["rate"]) * 10_000)
        found[int(row["year"])].append((int(row["limit_amount"]) * 100, rate))
    return dict(found)


def _counts(account: str, measure: Row | None) -> bool:
    """Booked on an account that counts, and not for a measure that is financed objectively."""
    if account_of(account).function not in COUNTS:
        return False
    return measure is None or account_of(measure["account"]).function in COUNTS


def _booked(posting: Row) -> Month:
    """The month of the ledger: supplements belong to their year's January or December."""
    year, period = int(posting["year"]), posting["period"]
    if period:
        return year, min(max(int(period), 1), 12)
    day = date.fromisoformat(posting["posting_date"])
    return year, 1 if day.year < year else 12 if day.year > year else day.month


def _twelve(part: Part) -> Iterator[Part]:
    """What is paid once, in twelve months from its own."""
    before = 0
    for number in range(1, 13):
        until = (2 * part.oere * number + 12) // 24
        index = part.month[0] * 12 + part.month[1] - 1 + number - 1
        yield replace(part, month=(index // 12, index % 12 + 1), oere=until - before)
        before = until


def _is_pooled(child: Row | None, month: Month, is_cared: bool) -> bool:
    """Under 18, or 18 to 22 in after-care; an age is reached at the end of the birth month."""
    if not child or not child["birth_date"]:
        return True
    born = date.fromisoformat(child["birth_date"])
    months_old = (month[0] - born.year) * 12 + month[1] - born.month
    return months_old <= 18 * 12 or (is_cared and months_old <= 23 * 12)


def _end(measure: Row, child: Row | None, as_of: date) -> date:
    """The last day of a measure as it is known: its end, else what is planned, not before as_of."""
    if measure["ended_on"]:
        return date.fromisoformat(measure["ended_on"])
    begin = date.fromisoformat(measure["starts_on"])
    if measure["expected_end_on"]:
        planned = date.fromisoformat(measure["expected_end_on"])
    else:
        [limit] = [
            row["age_limit"]
            for row in rows(SEEDS / "ref_measure_types.csv")
            if row["measure_type"] == measure["measure_type"]
        ]
        planned = max(date(as_of.year + 1, 12, 31), begin)
        if child and child["birth_date"] and limit:
            born = date.fromisoformat(child["birth_date"])
            grown = _last((born.year + int(limit), born.month))
            planned = grown if grown >= begin else planned
    open_ended = measure["status"] == "granted" and begin <= as_of
    return max(planned, as_of) if open_ended else planned


def _last(month: Month) -> date:
    return date(*month, monthrange(*month)[1])
