"""Expected futures: the state at a date, lived on many times, and the mean of what it costs.

This is the truth that forecasts and effects are tested against: an average over copies of the
children, so it has a Monte Carlo error that falls with their number (parameters.yml). Cost is by
month of service; half a month counts for what starts or ends in it, on average.
"""

from dataclasses import dataclass

import numpy as np

from orchestration.intake.simulation.engine import Engine
from orchestration.intake.simulation.ledger import year_refund
from orchestration.intake.simulation.log import SilentLog
from orchestration.intake.simulation.parameters import LEVEL_START, Parameters
from orchestration.intake.simulation.policy import Policy
from orchestration.intake.simulation.state import State
from orchestration.intake.simulation.types import Floats


@dataclass(frozen=True)
class Projection:
    """Means per copy, one column per month: `cost` in DKK by type, `placed` children by type,
    `refund` in DKK, `open_cases`."""

    cost: Floats
    placed: Floats
    refund: Floats
    open_cases: Floats


def project(
    p: Parameters,
    policy: Policy,
    state: State,
    first: int,
    months: int,
    copies: int,
    seed: np.random.SeedSequence,
) -> Projection:
    """Live `copies` of a state through `months` months from position `first` of the axis."""
    engine = Engine(p, policy, SilentLog())
    s = state.copies(copies, seed)
    eligible = _eligible_types(p)
    kinds = len(p.type_keys)
    cost, placed = np.zeros((kinds, months)), np.zeros((kinds, months))
    refund, open_cases = np.zeros(months), np.zeros(months)
    before = _spending(p, s)
    for i in range(months):
        t = first + i
        engine.step(s, t)
        now = _spending(p, s)
        factor = _month_factor(p, t)
        once = p.type_index("economic_support")
        single = float(s.once.sum()) * p.type_level[once, p.axis.year[t] - LEVEL_START]
        cost[:, i] = (before + now) / 2 * factor
        cost[once, i] += single
        placed[: p.placements, i] = np.bincount(s.place + 1, minlength=p.placements + 1)[1:]
        refund[i] = _refund(p, s, t, factor, eligible)
        open_cases[i] = (s.case >= 0).sum()
        before = now
    return Projection(cost / copies, placed / copies, refund / copies, open_cases / copies)


def _spending(p: Parameters, s: State) -> Floats:
    """Yearly cost at the base year's level of what runs, by type."""
    placed = np.bincount(s.place + 1, weights=s.place_rate, minlength=p.placements + 1)[1:]
    return np.concatenate([placed, s.track_rate.sum(axis=1)])


def _month_factor(p: Parameters, t: int) -> Floats:
    """Yearly cost at the base year's level to the cost of month `t`, by type."""
    by_month = np.array([kind["unit"] == "month" for kind in p["types"].values()])
    share = np.where(by_month, 1 / 12, p.axis.days[t] / 365.0)
    level = p.type_level[:, p.axis.year[t] - LEVEL_START]
    return np.asarray(share * level * p.delivery_season[:, p.axis.month[t]])


def _eligible_types(p: Parameters) -> Floats:
    accounts = [kind["account"] for kind in p["types"].values()]
    return np.array([0.0 if a.startswith(("52824", "52825")) else 1.0 for a in accounts])


def _refund(p: Parameters, s: State, t: int, factor: Floats, eligible: Floats) -> float:
    """State refund of the month, household by household."""
    weight = factor * eligible
    child = s.place_rate * np.where(s.place >= 0, weight[s.place], 0.0)
    child = child + weight[p.placements :] @ s.track_rate
    household = np.bincount(s.household, weights=child)
    return float(year_refund(p, household * 100, int(p.axis.year[t])).sum()) / 100
