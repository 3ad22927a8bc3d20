"""Every statutory duty of canonical exports, reckoned in plain Python from the law's words.

Belongs here: an account of time limits that shares nothing with the warehouse, no SQL and no seed.
What does not: comparing the two (test_night.py).

A duty is (duty, subject, occurrence): its due day, and whether it was met by then (None: still to
come). Easter is found from a table of full moons, not by the seed's formula.
"""

import csv
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

Duty = tuple[str, str, int]
Verdict = tuple[date, bool | None]
Row = dict[str, str]

BARNETS_LOV = date(2024, 1, 1)
NO_DUTY_TYPES = {"early_prevention", "counselling", "economic_support"}
NO_DUTY_TYPES |= {"extra_costs", "lost_earnings", "home_training"}
# Easter full moons by the golden number (year mod 19, plus 1), as the church's tables have them.
FULL_MOONS = [
    *("4-14", "4-3", "3-23", "4-11", "3-31", "4-18", "4-8", "3-28", "4-16", "4-5"),
    *("3-25", "4-13", "4-2", "3-22", "4-10", "3-30", "4-17", "4-7", "3-27"),
]


def all_duties(exports: Path, as_of: date) -> dict[Duty, Verdict]:
    """Due day and on time of every duty in `exports/cases`, as known on `as_of`."""
    cases = exports / "cases"
    closed = {row["case_id"]: _day(row["closed_on"]) for row in _rows(cases / "cases.csv")}
    assessments = _rows(cases / "assessments.csv")
    measures = [row for row in _rows(cases / "measures.csv") if _owes(row)]
    first_end = min(
        date.fromisoformat(row["ended_on"])
        for row in _rows(cases / "measures.csv")
        if row["ended_on"]
    )
    follow_ups = _rows(cases / "follow_ups.csv")
    plans = _rows(cases / "plans.csv")
    found: dict[Duty, Verdict] = {}
    for row in _rows(cases / "notifications.csv"):
        found.update(_notification(row, as_of))
    for row in assessments:
        due = _months_later(date.fromisoformat(row["opened_on"]), 4)
        gone = closed.get(row["case_id"])
        found.update(
            _judged("assessment", row["assessment_id"], 1, due, row["completed_on"], gone, as_of)
        )
    found.update(_plans(measures, plans, first_end, as_of))
    found.update(_follow_ups(measures, follow_ups, assessments, first_end, as_of))
    found.update(_visits(measures, follow_ups, first_end, as_of))
    return found


def easter(year: int) -> date:
    """The Sunday after the Easter full moon."""
    month, day = FULL_MOONS[year % 19].split("-")
    moon = date(year, int(month), int(day))
    return moon + timedelta(days=7 - (moon.weekday() + 1) % 7)


def is_working_day(day: date) -> bool:
    """Monday to Friday and no public holiday; Great Prayer Day is none from 2024."""
    from_easter = (day - easter(day.year)).days
    moving = {-3, -2, 0, 1, 39, 49, 50} | ({26} if day.year < 2024 else set())
    fixed = {(1, 1), (12, 25), (12, 26)}
    return day.weekday() < 5 and from_easter not in moving and (day.month, day.day) not in fixed


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _judged(
    duty: str, subject: str, number: int, due: date, met: str, gone: date | None, as_of: date
) -> Iterator[tuple[Duty, Verdict]]:
    """The verdict, or nothing where the duty fell away before its day."""
    met_on = _day(met)
    if met_on is not None and met_on <= as_of:
        yield (duty, subject, number), (due, met_on <= due)
    elif gone is None or gone > as_of or gone > due:
        yield (duty, subject, number), (due, False if due < as_of else None)


def _owes(row: Row) -> bool:
    granted = row["status"] not in ("draft", "expected")
    return granted and row["measure_type"] not in NO_DUTY_TYPES


def _is_placement(row: Row) -> bool:
    return row["measure_type"].isdigit()


def _notification(row: Row, as_of: date) -> Iterator[tuple[Duty, Verdict]]:
    received = datetime.fromisoformat(row["received_at"])
    limit = received + timedelta(hours=24)
    number = row["notification_id"]
    if row["assessed_at"] and datetime.fromisoformat(row["assessed_at"]).date() <= as_of:
        on_time: bool | None = datetime.fromisoformat(row["assessed_at"]) <= limit
    else:
        on_time = False if limit.date() < as_of else None
    yield ("notification_assessment", number, 1), (limit.date(), on_time)
    day, left = received.date(), 6
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    met = row["acknowledged_on"]
    yield from _judged("notification_acknowledgement", number, 1, day, met, None, as_of)


def _plans(
    measures: list[Row], plans: list[Row], first_end: date, as_of: date
) -> Iterator[tuple[Duty, Verdict]]:
    told_from = max(first_end, min(date.fromisoformat(row["decided_on"]) for row in plans))
    by_measure: dict[str, list[Row]] = defaultdict(list)
    for plan in plans:
        by_measure[plan["measure_id"]].append(plan)
    for row in measures:
        start = date.fromisoformat(row["starts_on"])
        valid = [
            plan["decided_on"]
            for plan in by_measure[row["measure_id"]]
            if not plan["valid_to"] or date.fromisoformat(plan["valid_to"]) >= start
        ]
        decided = min(valid, default="")
        if start < BARNETS_LOV or (_is_placement(row) and row["consent"] == "false"):
            due = start
        else:
            due = _months_later(start, 3)
            if not _is_placement(row) and not (decided and date.fromisoformat(decided) <= as_of):
                continue
        if due >= told_from:
            gone = _day(row["ended_on"])
            yield from _judged("plan", row["measure_id"], 1, due, decided, gone, as_of)


def _follow_ups(
    measures: list[Row],
    follow_ups: list[Row],
    assessments: list[Row],
    first_end: date,
    as_of: date,
) -> Iterator[tuple[Duty, Verdict]]:
    rows = [row for row in follow_ups if row["kind"] == "follow_up"]
    told_from = max(first_end, min(date.fromisoformat(row["due_on"]) for row in rows))
    by_measure: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["due_on"], row["follow_up_id"])):
        by_measure[row["measure_id"]].append(row)
    by_case: dict[str, list[tuple[date, date | None]]] = defaultdict(list)
    for row in assessments:
        days = date.fromisoformat(row["opened_on"]), _day(row["completed_on"])
        by_case[row["case_id"]].append(days)
    for measure in measures:
        start = date.fromisoformat(measure["starts_on"])
        gone, since, number, set_on = _day(measure["ended_on"]), start, 1, ""
        for row in [*by_measure[measure["measure_id"]], None]:
            set_on = set_on or (row["due_on"] if row else "")
            held = row["held_on"] if row else ""
            if row and not (held and date.fromisoformat(held) <= as_of):
                continue
            if number == 1:
                due = _first_follow_up(start, by_case[measure["case_id"]], as_of)
            else:
                due = _next_follow_up(since, set_on)
            duty = "follow_up_first" if number == 1 else "follow_up_next"
            if due >= told_from:
                yield from _judged(duty, measure["measure_id"], number, due, held, gone, as_of)
            if row:
                since, number, set_on = date.fromisoformat(held), number + 1, ""


def _first_follow_up(start: date, assessments: list[tuple[date, date | None]], as_of: date) -> date:
    """Three months; under Barnets Lov earlier where a parallel assessment is completed before."""
    due = _months_later(start, 3)
    if due < BARNETS_LOV:
        return due
    parallel = [
        done for opened, done in assessments if done and opened <= start < done and done <= as_of
    ]
    return min([due, *parallel])


def _next_follow_up(since: date, set_on: str) -> date:
    """Six months while Serviceloven holds that day; then what the municipality has set."""
    due = _months_later(since, 6)
    if since < BARNETS_LOV and due < BARNETS_LOV:
        return due
    return _day(set_on) or due


def _visits(
    measures: list[Row], follow_ups: list[Row], first_end: date, as_of: date
) -> Iterator[tuple[Duty, Verdict]]:
    rows = [row for row in follow_ups if row["kind"] == "supervision"]
    told_from = max(first_end, min(date.fromisoformat(row["due_on"]) for row in rows))
    heard: dict[str, list[date]] = defaultdict(list)
    for row in rows:
        if row["held_on"] and row["child_heard"] == "true":
            heard[row["measure_id"]].append(date.fromisoformat(row["held_on"]))
    for measure in measures:
        if not _is_placement(measure):
            continue
        start, ended = date.fromisoformat(measure["starts_on"]), _day(measure["ended_on"])
        year, begins = 0, start
        while begins <= as_of:
            next_year = _months_later(start, 12 * (year + 1))
            last = next_year - timedelta(days=1)
            due = _months_later(begins, 12) - timedelta(days=1)
            visits = sorted(
                day
                for day in heard[measure["measure_id"]]
                if begins <= day < next_year and day <= as_of
            )
            if begins >= told_from and (ended is None or ended >= last):
                for number in (1, 2):
                    key = "supervision", measure["measure_id"], year * 100 + number
                    met = number <= len(visits)
                    yield key, (due, True if met else (False if due < as_of else None))
            year, begins = year + 1, next_year
