"""The paperwork around measures: cases, notifications, assessments, plans, follow-ups.

What belongs here: dates that duties ask for, and how well they are kept. What does not: what
happens to the child (engine.py).

Rules by the law of the day (domain brief 2.2): a notification is assessed within 24 hours and
acknowledged within six working days; a follow-up is due three months after the start, then every
six months under Serviceloven § 70, and from 2024 (Barnets Lov § 95) in a rhythm the municipality
sets; supervision is twice a year.
"""

from typing import Any

import numpy as np
import pandas as pd

from orchestration.intake.simulation.log import NOTIFICATION_OUTCOMES, EventLog
from orchestration.intake.simulation.months import (
    NO_DAY,
    add_months,
    day_number,
    day_text,
    minute_text,
)
from orchestration.intake.simulation.organisation import Caseworkers, worker_on
from orchestration.intake.simulation.parameters import Parameters
from orchestration.intake.simulation.population import Population, bool_text, only_where
from orchestration.intake.simulation.types import Bools, Ints, Texts

INTAKE, FAMILY, YOUTH, DISABILITY = range(4)
_DAY_MINUTES = 24 * 60


def team_of_cases(population: Population, cases: pd.DataFrame) -> Ints:
    """Team of each case: by disability, by age, and the intake team for one in six."""
    person = cases["person"].to_numpy()
    age = (cases["opened"].to_numpy() - population.birth[person]) / 365.25
    team = np.where(age >= 14, YOUTH, FAMILY)
    team = np.where(np.arange(len(cases)) % 6 == 5, INTAKE, team)
    return np.where(cases["disabled"].to_numpy() == 1, DISABILITY, team)


def case_ids(block: int, count: int) -> Texts:
    """Identifiers of a block's cases, by number."""
    return np.array([f"C{block:03d}-{i:06d}" for i in range(count)], dtype=object)


def cases_frame(
    p: Parameters,
    population: Population,
    log: EventLog,
    team: Ints,
    workers: Caseworkers,
    others: list[str],
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, Bools]:
    """Rows of `cases`, and which of the log's cases they are."""
    cases = log.cases()
    opened, closed = cases["opened"].to_numpy(), cases["closed"].to_numpy()
    u, pick, foreign = (rng.random(len(cases)) for _ in range(3))
    known = (opened <= p.cut_day) & ((closed == NO_DAY) | (closed >= p.first_day))
    closed = np.where(closed > p.cut_day, NO_DAY, closed)
    slots = [workers.team_slots[t] for t in team]
    slot = np.array([s[int(v * len(s))] for s, v in zip(slots, u, strict=True)], dtype=np.int64)
    last = np.where(closed == NO_DAY, p.cut_day, closed)
    here = p.request.municipality_code
    abroad = np.array([others[int(v * len(others))] for v in pick], dtype=object)
    acting = np.where(foreign < p["cases"]["other_acting_municipality"], abroad, here)
    groups = np.array(["family", "family", "youth", "disability"], dtype=object)
    person = cases["person"].to_numpy()
    frame = pd.DataFrame(
        {
            "case_id": case_ids(population.block, len(cases)),
            "cpr": population.cpr[person],
            "opened_on": day_text(opened),
            "closed_on": day_text(closed),
            "caseworker_id": worker_on(workers, slot, last),
            "team": np.array(workers.teams, dtype=object)[team],
            "target_group": groups[team],
            "acting_municipality": acting,
            "paying_municipality": here,
            "residence_municipality": acting,
        }
    )
    return frame[known], known


def notifications_frame(
    p: Parameters, population: Population, log: EventLog, rng: np.random.Generator
) -> pd.DataFrame:
    """Rows of `notifications`."""
    spec = p["notifications"]
    rows = log.notifications()
    rows = rows[(rows["day"] >= p.first_day) & (rows["day"] <= p.cut_day)]
    rows = rows.sort_values(["day", "person"], kind="stable")
    n, day, person = len(rows), rows["day"].to_numpy(), rows["person"].to_numpy()
    received = day * _DAY_MINUTES + rng.integers(7 * 60, 20 * 60, n)
    late = rng.random(n) < spec["assessed_late"]
    minutes = np.where(late, rng.integers(1450, 6 * 1440, n), rng.integers(30, 1435, n))
    assessed = received + minutes
    working = np.busday_offset(
        day.astype("datetime64[D]"),
        np.where(rng.random(n) < spec["acknowledged_late"], 9, 0) + rng.integers(1, 7, n),
        roll="backward",
    ).astype(np.int64)
    missing = (rng.random(n) < spec["acknowledgement_missing"]) | (working > p.cut_day)
    reporters, shares = list(spec["reporters"]), list(spec["reporters"].values())
    chosen = rng.choice(len(reporters), n, p=np.array(shares) / np.sum(shares))
    # Small children are in day care, not in school.
    age = (day - population.birth[person]) / 365.25
    swap = {reporters.index("school"): "day_care", reporters.index("day_care"): "school"}
    names = np.array(reporters, dtype=object)[chosen]
    for index, other in swap.items():
        wrong = (age < 5) if other == "day_care" else (age >= 6)
        names[(chosen == index) & wrong] = other
    return pd.DataFrame(
        {
            "notification_id": np.array(
                [f"U{population.block:03d}-{i:06d}" for i in range(n)], dtype=object
            ),
            "cpr": population.cpr[person],
            "received_at": minute_text(received),
            "reporter": names,
            "acknowledged_on": day_text(np.where(missing, NO_DAY, working)),
            "assessed_at": minute_text(assessed, (assessed > (p.cut_day + 1) * _DAY_MINUTES) * 1),
            "outcome": np.array(NOTIFICATION_OUTCOMES, dtype=object)[rows["outcome"].to_numpy()],
        }
    )


def assessments_frame(p: Parameters, population: Population, log: EventLog) -> pd.DataFrame:
    """Rows of `assessments`; what is not done by the cut has no completed_on."""
    cases, rows = log.cases(), log.assessments()
    closed = cases["closed"].to_numpy()[rows["case"].to_numpy()]
    # A case that closed at 18 took its open assessment with it.
    completed = rows["completed"].to_numpy()
    completed = np.where(closed == NO_DAY, completed, np.minimum(completed, closed))
    completed = np.maximum(completed, rows["opened"].to_numpy())
    known = (rows["opened"].to_numpy() <= p.cut_day) & (completed >= p.first_day)
    completed = np.where(completed > p.cut_day, NO_DAY, completed)
    ids = case_ids(population.block, len(cases))
    frame = pd.DataFrame(
        {
            "assessment_id": np.array(
                [f"A{population.block:03d}-{i:06d}" for i in range(len(rows))], dtype=object
            ),
            "case_id": ids[rows["case"].to_numpy()],
            "cpr": population.cpr[rows["person"].to_numpy()],
            "opened_on": day_text(rows["opened"].to_numpy()),
            "completed_on": day_text(completed),
        }
    )
    return frame[known]


def _supervised(p: Parameters, known: pd.DataFrame) -> pd.DataFrame:
    """Measures that plans and follow-ups are made for: social ones that have begun."""
    categories = np.array([t["category"] for t in p["types"].values()])
    kind = known["kind"].to_numpy()
    wanted = (categories[kind] != "support") & (kind != p.type_index("economic_support"))
    return known[wanted & (known["start"].to_numpy() <= p.cut_day)]


def plans_frame(
    p: Parameters,
    population: Population,
    known: pd.DataFrame,
    texts: dict[str, Any],
    ids: Texts,
    opened: Ints,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Rows of `plans`: the first one around the start, renewed every year. `opened`: first day of
    each of the log's cases."""
    spec, rows = p["plans"], _supervised(p, known)
    rows = rows[rng.random(len(rows)) >= spec["none"]]
    start, kind = rows["start"].to_numpy(), rows["kind"].to_numpy()
    n = len(rows)
    law = day_number(texts["legal_basis"]["barnets_lov"])
    before = start - rng.integers(0, 21, n)
    after = start + rng.integers(10, 86, n)
    first = np.where((start >= law) & (kind >= p.placements), after, before)
    first = np.where(rng.random(n) < spec["late"], start + rng.integers(92, 200, n), first)
    first = np.maximum(first, opened[rows["case"].to_numpy()])
    end = np.where(rows["end"] == NO_DAY, p.cut_day, np.minimum(rows["end"], p.cut_day))
    row, day = _repeat(first, np.asarray(end), np.full(n, int(spec["valid_months"])), None)
    keep = (day >= p.first_day) & (day <= p.cut_day)
    row, day = row[keep], day[keep]
    goals = rng.integers(spec["goals"][0], spec["goals"][1] + 1, row.size)
    met = rng.binomial(goals, spec["goal_met"])
    valid_to = add_months(day, int(spec["valid_months"])) - 1
    return pd.DataFrame(
        {
            "plan_id": _numbered("P", population.block, row.size),
            "case_id": ids[rows["case"].to_numpy()[row]],
            "cpr": population.cpr[rows["person"].to_numpy()[row]],
            "measure_id": rows["id"].to_numpy()[row],
            "decided_on": day_text(day),
            "valid_to": day_text(valid_to),
            "goals": goals.astype(str).astype(object),
            "goals_met": met.astype(str).astype(object),
        }
    )


def follow_ups_frame(
    p: Parameters,
    population: Population,
    known: pd.DataFrame,
    texts: dict[str, Any],
    ids: Texts,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Rows of `follow_ups`: follow-ups of every measure, supervision of placements; the next one
    after the cut is there, not yet held."""
    spec, rows = p["follow_ups"], _supervised(p, known)
    law = day_number(texts["legal_basis"]["barnets_lov"])
    local = rng.choice(np.array(spec["bl_interval_months"]), len(rows))
    end = np.where(rows["end"] == NO_DAY, p.cut_day + 200, rows["end"])
    sel = np.full(len(rows), int(spec["sel_interval_months"]))
    first = add_months(rows["start"].to_numpy(), int(spec["first_months"]))
    follow = _repeat(first, end, sel, (law, local))
    placed = np.flatnonzero(rows["kind"].to_numpy() < p.placements)
    months = int(spec["supervision_interval_months"])
    visit = _repeat(
        add_months(rows["start"].to_numpy()[placed], months),
        end[placed],
        np.full(placed.size, months),
        None,
    )
    row = np.r_[follow[0], placed[visit[0]]]
    due = np.r_[follow[1], visit[1]]
    kind = np.repeat(
        np.array(["follow_up", "supervision"], dtype=object), [len(follow[0]), len(visit[0])]
    )
    held = _held(p, due, rng)
    next_due = (due > p.cut_day) & (rows["end"].to_numpy()[row] == NO_DAY)
    keep = (due >= p.first_day) & ((due <= p.cut_day) | next_due)
    row, due, held, kind = row[keep], due[keep], held[keep], kind[keep]
    heard = rng.random(row.size) < spec["child_heard"]
    return pd.DataFrame(
        {
            "follow_up_id": _numbered("F", population.block, row.size),
            "case_id": ids[rows["case"].to_numpy()[row]],
            "measure_id": rows["id"].to_numpy()[row],
            "kind": kind,
            "due_on": day_text(due),
            "held_on": day_text(held),
            "child_heard": only_where(held != NO_DAY, bool_text(heard)),
        }
    )


def _held(p: Parameters, due: Ints, rng: np.random.Generator) -> Ints:
    """Day on which each was held: mostly just before it was due."""
    spec, n = p["follow_ups"], due.size
    early = due - rng.integers(0, 21, n)
    late = due + 1 + rng.exponential(28.0, n).astype(np.int64)
    held = np.where(rng.random(n) < spec["late"], late, early)
    never = rng.random(n) < spec["not_held"]
    return np.where(never | (held > p.cut_day), NO_DAY, held)


def _repeat(
    first: Ints, end: Ints, interval: Ints, later: tuple[int, Ints] | None
) -> tuple[Ints, Ints]:
    """Rows and days of a date that comes again every `interval` months until `end`.

    `later`: from that day on the other interval counts.
    """
    row: Ints = np.arange(first.size)
    day: Ints = first.astype(np.int64)
    rows, days = [], []
    while row.size:
        keep = day <= end[row]
        row, day = row[keep], day[keep]
        rows.append(row)
        days.append(day)
        step = interval[row]
        if later is not None:
            step = np.where(day >= later[0], later[1][row], step)
        day = add_months(day, step)
    if not rows:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    row, day = np.concatenate(rows), np.concatenate(days)
    order = np.lexsort((day, row))
    return row[order], day[order]


def _numbered(letter: str, block: int, count: int) -> Texts:
    return np.array([f"{letter}{block:03d}-{i:07d}" for i in range(count)], dtype=object)
