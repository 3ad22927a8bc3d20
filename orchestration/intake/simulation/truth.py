"""What a real municipality could not know: true matches, effects and expected future.

Written to `truth/`, never delivered to intake:

- `matches.csv`: every posting, the measures it pays for, service month and kind.
- `effects.csv`: per initiative and month the expected saving in DKK on measures (less refund, and
  for a lower caseload less its pay), as the difference between the mean cost without and with it.
- `future.csv`: expected net expenditure as the ledger will book it, for 24 months after the cut,
  by function and measure type. Means over copies of the state at the cut (projection.py).
- `persons.csv`: CPR, household, whether the child is disabled.
- `parameters.json`: the request and every parameter.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from orchestration.intake.simulation.months import day_text, month_index
from orchestration.intake.simulation.organisation import FULL_BLOCK, Caseworkers
from orchestration.intake.simulation.parameters import LEVEL_START, Parameters
from orchestration.intake.simulation.policy import Policy, make_policy
from orchestration.intake.simulation.population import Population, household_text
from orchestration.intake.simulation.projection import project
from orchestration.intake.simulation.spool import Spool, write_csv
from orchestration.intake.simulation.state import State
from orchestration.intake.simulation.totals import Totals
from orchestration.intake.simulation.types import Floats, Ints


def first_initiative(p: Parameters) -> int:
    """Position of the first initiative's first month."""
    return min(month_index(spec["starts"]) for spec in p["initiatives"]) - p.axis.start


def add_future(
    p: Parameters,
    policy: Policy,
    totals: Totals,
    state: State,
    workers: Caseworkers,
    seed: np.random.SeedSequence,
) -> None:
    """Add a block's expected costs after the cut."""
    months = int(p["horizon"]["future_months"])
    horizon = p["horizon"]
    wanted = round(horizon["projected_children"] / p.request.children)
    copies = min(max(wanted, 1), int(horizon["max_copies"]))
    mean = project(p, policy, state, p.last + 1, months, copies, seed)
    totals.future += mean.cost
    totals.future_refund += mean.refund
    totals.future_placed += mean.placed
    t = p.last + 1 + np.arange(months)
    pay = p["caseworkers"]["yearly_pay"] / 12 * p.level[p.axis.year[t] - LEVEL_START]
    totals.future_pay += workers.fte.sum(axis=0)[t] * pay


def add_effects(
    p: Parameters,
    totals: Totals,
    state: State,
    block: int,
    blocks: int,
    seed: np.random.SeedSequence,
) -> None:
    """Add a block's share of each initiative's effect. A large municipality's effects are
    estimated on its first blocks and scaled up."""
    wanted = max(1, p["horizon"]["effect_children"] // FULL_BLOCK)
    used = min(blocks, wanted)
    if block >= used:
        return
    copies = -(-wanted // used)
    scale = p.request.children / min(p.request.children, used * FULL_BLOCK)
    first = first_initiative(p)
    months = p.last - first + 1
    level = p.level[p.axis.year[first : p.last + 1] - LEVEL_START]
    post = p["caseworkers"]["yearly_pay"] / 12 * level
    with_all = make_policy(p)

    def cost(policy: Policy) -> Floats:
        mean = project(p, policy, state, first, months, copies, seed)
        posts = mean.open_cases / policy.caseload[first : p.last + 1]
        return np.asarray(mean.cost.sum(axis=0) - mean.refund + posts * post)

    base = cost(with_all)
    for name, saving in totals.saving.items():
        saving[first : p.last + 1] += (cost(make_policy(p, without=name)) - base) * scale


def write(p: Parameters, totals: Totals, spool: Spool, folder: Path) -> None:
    """Write the folder."""
    matches = ["posting_id", "measure_id", "service_month", "kind", "amount"]
    write_csv(folder / "matches.csv", spool.frames("matches"), matches)
    persons = ["cpr", "household_id", "disabled", "sibling_number"]
    write_csv(folder / "persons.csv", spool.frames("persons"), persons)
    effects = _effects(p, totals)
    write_csv(folder / "effects.csv", iter([effects]), list(effects.columns))
    future = _future(p, totals)
    write_csv(folder / "future.csv", iter([future]), list(future.columns))
    declared = {
        "request": vars(p.request),
        "parameters": p.model,
        "dirt": p.dirt,
    }
    text = json.dumps(declared, ensure_ascii=False, indent=1, sort_keys=False, default=_plain)
    (folder / "parameters.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no plain form")


def persons_frame(population: Population, known: Ints) -> pd.DataFrame:
    """Rows of `persons.csv`."""
    household = population.household[known]
    position = pd.Series(household).groupby(household).cumcount().to_numpy() + 1
    return pd.DataFrame(
        {
            "cpr": population.cpr[known],
            "household_id": household_text(population.block, household),
            "disabled": np.where(population.disabled[known], "true", "false").astype(object),
            "sibling_number": position.astype(str).astype(object),
        }
    )


def _effects(p: Parameters, totals: Totals) -> pd.DataFrame:
    months = np.arange(first_initiative(p), p.last + 1).clip(0)
    frames = [
        pd.DataFrame(
            {
                "initiative": name,
                "month": day_text(p.axis.first_day[months]),
                "saving": [f"{v:.2f}" for v in saving[months]],
            }
        )
        for name, saving in totals.saving.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _future(p: Parameters, totals: Totals) -> pd.DataFrame:
    """month, function, measure_type, expected_net_expenditure (DKK, as booked), expected_placed."""
    months = np.arange(p.last + 1, p.axis.length)
    accounts = [kind["account"] for kind in p["types"].values()]
    booked = _booked(p, totals)
    rows = {
        (a[:5], key): values for a, key, values in zip(accounts, p.type_keys, booked, strict=True)
    }
    level = p.level[p.axis.year[months] - LEVEL_START]
    secure = p["secure_objective_yearly"] * p.request.children / 10_000 / 12 * level
    rows[("52824", "8")] = rows[("52824", "8")] + secure
    spec = p["placements"]
    parents = spec["parental_payment"] * spec["parental_payment_monthly"] * level
    after = p.type_values("after_care")[: p.placements] > 0
    for i, key in enumerate(p.type_keys[: p.placements]):
        if not after[i]:
            place = (accounts[i][:5], key)
            rows[place] = rows[place] - parents * totals.future_placed[i]
    rows[("64558", "unknown")] = totals.future_pay
    rows[("52207", "unknown")] = _booked_refund(p, totals)
    placed = dict(zip(p.type_keys, totals.future_placed, strict=True))
    frames = [
        pd.DataFrame(
            {
                "month": day_text(p.axis.first_day[months]),
                "function": f"{function[0]}.{function[1:3]}.{function[3:]}",
                "measure_type": key,
                "expected_net_expenditure": [f"{v:.2f}" for v in values],
                "expected_placed": [f"{v:.2f}" for v in placed.get(key, np.zeros(months.size))],
            }
        )
        for (function, key), values in sorted(rows.items())
    ]
    return pd.concat(frames, ignore_index=True)


def _booked(p: Parameters, totals: Totals) -> Floats:
    """Expected costs moved from the month of service to the month of booking, by type: late
    invoices, the supplement period, quarterly bills. What is late at the cut is counted in."""
    past = totals.cost.sum(axis=1) / 100
    accrual = np.concatenate([past[:, : p.last + 1], totals.future], axis=1)
    out = np.zeros_like(accrual)
    quarterly = _quarterly_share(p, totals)[:, None]
    late, months = p.dirt["late_invoice"]["rate"], p.dirt["late_invoice"]["months"]
    monthly = accrual * (1 - quarterly)
    out += monthly * (1 - late)
    lags = range(months[0], months[1] + 1)
    length = accrual.shape[1]
    for t in range(length):
        for lag in lags:
            for target, share in _late_targets(p, t, lag):
                if target < length:
                    out[:, target] += monthly[:, t] * late / len(lags) * share
        target = _quarter_target(p, t)
        if target < length:
            out[:, target] += (accrual * quarterly)[:, t]
    return out[:, p.last + 1 :]


def _late_targets(p: Parameters, t: int, lag: int) -> list[tuple[int, float]]:
    """Where a late invoice is booked; period 13 counts as December of the old year."""
    spec = p.dirt["supplement"]
    index = int(p.axis.index[t]) + lag
    crossed = index // 12 != int(p.axis.index[t]) // 12
    if crossed and index % 12 < spec["months"]:
        december = t + 11 - int(p.axis.month[t])
        return [(t + lag, 1 - spec["rate"]), (december, spec["rate"])]
    return [(t + lag, 1.0)]


def _quarter_target(p: Parameters, t: int) -> int:
    """Position in which a quarter's bill is booked: the month after, or December."""
    month = int(p.axis.month[t])
    ahead = 3 - month % 3
    return t + 11 - month if month >= 9 else t + ahead


def _quarterly_share(p: Parameters, totals: Totals) -> Floats:
    """Share of each type's cost that comes in quarterly bills, from the last three years."""
    recent = slice(max(p.last - 35, 0), p.last + 1)
    cost = totals.cost.sum(axis=1)[:, recent].sum(axis=1)
    return np.asarray(totals.quarterly[:, recent].sum(axis=1) / np.maximum(cost, 1.0))


def _booked_refund(p: Parameters, totals: Totals) -> Floats:
    """Expected refunds, by booking month, negative."""
    out = np.zeros(p.axis.length)
    claimed = p["refund"]["claimed"]
    accrual = np.zeros(p.axis.length)
    accrual[p.last + 1 :] = totals.future_refund * claimed
    # The running quarter's months before the cut are known; they are booked after it.
    for t in range(p.last + 1):
        accrual[t] = totals.month_refund[t] / 100 * claimed if _quarter_target(p, t) > p.last else 0
    for t in range(p.axis.length):
        target = _quarter_target(p, t)
        if target < p.axis.length:
            out[target] -= accrual[t]
    return out[p.last + 1 :]
