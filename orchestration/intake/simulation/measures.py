"""The case system's measures of one block: price, provider, legal basis, status, expected end.

What belongs here: the grant that stands behind each spell of the process. What does not: what was
booked for it (ledger.py).

A measure's last day is `ended_on`; the next one starts the day after. `unit_price` is the price of
the measure's last year up to the cut, as a case system shows it; earlier years were cheaper by the
yearly regulation, which the price periods of `providers` show.
"""

from typing import Any

import numpy as np
import pandas as pd

from orchestration.intake.simulation.accounts import account_of_type, write_account
from orchestration.intake.simulation.log import END_REASONS, REASON, EventLog
from orchestration.intake.simulation.months import (
    NO_DAY,
    add_months,
    day_number,
    day_text,
    year_of_day,
)
from orchestration.intake.simulation.organisation import Providers, choose_provider
from orchestration.intake.simulation.parameters import Parameters
from orchestration.intake.simulation.population import Population, bool_text, only_where
from orchestration.intake.simulation.prices import money_text, price_ore, unit_terms
from orchestration.intake.simulation.types import Ints, Texts


def make_measures(
    p: Parameters,
    population: Population,
    log: EventLog,
    providers: Providers,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Every measure that ran after the first day, as numbers: the log's columns and `id`, `code`
    (measure type as registered), `provider`, `base_price` (DKK, base year), `units`, `consent`."""
    frame = _split_at_reform(p, log.measures())
    frame = frame[(frame["end"] == NO_DAY) | (frame["end"] >= p.first_day)].copy()
    frame = frame.sort_values(["start", "number", "part"], kind="stable", ignore_index=True)
    block = population.block
    frame["id"] = np.array([f"M{block:03d}-{i:06d}" for i in range(len(frame))], dtype=object)
    frame["before"] = _replaced(frame)
    kind, rate = frame["kind"].to_numpy(), frame["rate"].to_numpy()
    frame["provider"] = choose_provider(p, providers, kind, rate)
    base_price, units = unit_terms(p, kind, rate)
    frame["base_price"], frame["units"] = base_price, units
    # One child, one answer: consent is given or not for the whole course.
    coerced = rng.random(len(population)) < p["placements"]["without_consent"]
    person = frame["person"].to_numpy()
    frame["consent"] = ~coerced[person]
    frame["eighteen"], frame["leaving"] = population.eighteen[person], population.leaving[person]
    return frame


def _split_at_reform(p: Parameters, frame: pd.DataFrame) -> pd.DataFrame:
    """Ordinary foster care got new names in mid-2019: running measures were closed and reopened."""
    reform = p["foster_reform"]
    day = day_number(reform["date"])
    keys = np.array(p.type_keys, dtype=object)
    frame = frame.assign(number=np.arange(len(frame)), part=0, code=keys[frame["kind"].to_numpy()])
    common = frame["code"].isin(reform["new_types"])
    old = common & (frame["start"] < day)
    frame["code"] = frame["code"].mask(old, reform["old_type"])
    divided = old & ((frame["end"] == NO_DAY) | (frame["end"] >= day))
    after = frame[divided].copy()
    after["code"] = keys[after["kind"].to_numpy()]
    after["start"], after["part"] = day, 1
    frame.loc[divided, "end"] = day - 1
    frame.loc[divided, "reason"] = REASON["reclassified"]
    return pd.concat([frame, after], ignore_index=True)


def _replaced(frame: pd.DataFrame) -> Ints:
    """Row of the measure that each one replaces, -1 where none is exported."""
    last_part = frame.groupby("number")["part"].transform("max") == frame["part"]
    row = pd.Series(np.flatnonzero(last_part), index=frame.loc[last_part, "number"])
    before = frame["replaces"].map(row)
    first_part = pd.Series(
        np.flatnonzero(frame["part"] == 0), index=frame.loc[frame["part"] == 0, "number"]
    )
    before = before.where(frame["part"] == 0, frame["number"].map(first_part))
    return np.asarray(before.fillna(-1).to_numpy(), dtype=np.int64)


def known_measures(p: Parameters, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """What the case system holds at the cut: all that started, and half of what is planned."""
    planned = frame["start"] > p.cut_day
    soon = frame["start"] <= p.cut_day + int(p["horizon"]["known_ahead_days"])
    fresh = (frame["before"] < 0) & (rng.random(len(frame)) < 0.5)
    known = frame[~planned | (soon & fresh)].copy()
    status = np.where(known["start"] > p.cut_day, "expected", "granted").astype(object)
    u = rng.random(len(known))
    planned_now = status == "expected"
    status[planned_now & (u < 0.45)] = "granted"
    status[planned_now & (u > 0.85)] = "draft"
    status[(known["end"] > NO_DAY) & (known["end"] <= p.cut_day)] = "ended"
    known["status"] = status
    known["expected_end"] = _expected_end(p, known, rng)
    return known


def _expected_end(p: Parameters, frame: pd.DataFrame, rng: np.random.Generator) -> Ints:
    """The newest expectation: planned too short, put off half a year at a time."""
    spec, n = p["expected_end"], len(frame)
    kind = frame["kind"].to_numpy()
    placed = kind < p.placements
    exits = p.type_values("exit")[kind]
    usual = np.where(placed, 1.0 / np.maximum(exits, 1 / 60), p.type_values("months", 12.0)[kind])
    low, high = spec["planned_share"]
    months = np.maximum(1, usual * rng.uniform(low, high, n)).astype(np.int64)
    start = frame["start"].to_numpy()
    expected = add_months(start, months)
    ended = frame["status"].to_numpy() == "ended"
    reached = np.where(ended, frame["end"].to_numpy(), p.cut_day)
    steps = np.ceil(np.maximum(reached - expected, 0) / 182).astype(np.int64)
    overdue = ~ended & (steps > 0) & (rng.random(n) < spec["overdue"])
    expected = add_months(expected, (steps - overdue) * 6)
    foster = np.isin(frame["code"], ["1", "21", "22", "23", "24", "25"])
    at_18 = foster & (rng.random(n) < spec["until_18"])
    adult = frame["after_care"].to_numpy().astype(bool)
    limit = np.where(adult, frame["leaving"].to_numpy(), frame["eighteen"].to_numpy()) - 1
    expected = np.where(at_18, limit, np.minimum(expected, limit))
    once = kind == p.type_index("economic_support")
    expected = np.where(once, start, np.maximum(expected, start))
    none = rng.random(n) < np.where(placed, spec["placement_none"], spec["none"])
    return np.where(none & ~once, NO_DAY, expected)


def legal_basis(p: Parameters, texts: dict[str, Any], frame: pd.DataFrame) -> Texts:
    """Law and paragraph by measure type, consent and the day the course began.

    A measure that ran over 1 January 2024 keeps its old basis.
    """
    table = texts["legal_basis"]
    day = day_number(table["barnets_lov"])
    out = np.empty(len(frame), dtype=object)
    columns = zip(frame["kind"], frame["start"], frame["after_care"], frame["consent"], strict=True)
    for i, (kind, start, adult, consent) in enumerate(columns):
        key = p.type_keys[kind]
        placed = kind < p.placements
        if placed:
            name = "placement" if consent else "coerced"
            if adult:
                name = "adult_foster" if key == "26" else "adult"
        else:
            name = "adult_contact" if adult and key == "contact_person" else key
        out[i] = table[name]["bl" if start >= day else "sel"]
    return out


def measures_frame(
    p: Parameters,
    texts: dict[str, Any],
    population: Population,
    providers: Providers,
    known: pd.DataFrame,
    everything: pd.DataFrame,
    case_ids: Texts,
) -> pd.DataFrame:
    """Rows of `measures`."""
    kind, provider = known["kind"].to_numpy(), known["provider"].to_numpy()
    person, before = known["person"].to_numpy(), known["before"].to_numpy()
    ended = known["status"].to_numpy() == "ended"
    last = np.where(ended, known["end"], np.maximum(known["start"], p.cut_day))
    price = price_ore(p, kind, known["base_price"].to_numpy(), year_of_day(last))
    reasons = np.array(END_REASONS, dtype=object)[known["reason"].to_numpy()]
    ids: Texts = everything["id"].to_numpy()
    provider_ids = np.r_[providers.id, np.array([None], dtype=object)]
    owner = np.where(provider >= 0, providers.owner[provider], -1)
    account = account_of_type(p, kind, last)
    placed = kind < p.placements
    return pd.DataFrame(
        {
            "measure_id": known["id"].to_numpy(),
            "case_id": case_ids[known["case"].to_numpy()],
            "cpr": population.cpr[person],
            "legal_basis": legal_basis(p, texts, known),
            "measure_type": known["code"].to_numpy(),
            "provider_id": provider_ids[provider],
            "status": known["status"].to_numpy(),
            "starts_on": day_text(known["start"].to_numpy()),
            "expected_end_on": day_text(known["expected_end"].to_numpy()),
            "ended_on": day_text(np.where(ended, known["end"], NO_DAY)),
            "end_reason": only_where(ended, reasons),
            "unit": np.array([t["unit"] for t in p["types"].values()], dtype=object)[kind],
            "unit_price": money_text(price),
            "units": np.array([f"{u:.2f}" for u in known["units"]], dtype=object),
            "account": write_account(account, owner),
            "goal": _goals(p, texts, known),
            "consent": only_where(placed, bool_text(known["consent"].to_numpy())),
            "replaces_measure_id": only_where(before >= 0, ids[before]),
            "alternative_to_placement": bool_text(known["alternative"].to_numpy().astype(bool)),
        }
    )


def _goals(p: Parameters, texts: dict[str, Any], known: pd.DataFrame) -> Texts:
    """A goal per measure; one in six has none."""
    categories = [t["category"] for t in p["types"].values()]
    out = np.empty(len(known), dtype=object)
    for i, (kind, number) in enumerate(zip(known["kind"], known["number"], strict=True)):
        goals = texts["goals"][categories[kind]]
        out[i] = None if number % 6 == 5 else goals[number % len(goals)]
    return out
