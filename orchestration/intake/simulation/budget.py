"""Budget and order plan of the municipality.

What belongs here: what the council decides, from what was known when it decided. What does not:
the actual cost (ledger.py).

The original budget is decided in October of the year before: the cost of January to September of
that year, brought to a full year and to next year's prices, less an optimism of 3-8 %. The first
year's is made from that year itself. Where the year runs over, supplementary appropriations
follow; transfers between accounts add up to zero. The budget stands per function and grouping.
"""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from orchestration.intake.simulation.accounts import account_of_type, composite9, string16
from orchestration.intake.simulation.months import day_number
from orchestration.intake.simulation.parameters import LEVEL_START, Parameters
from orchestration.intake.simulation.prices import money_text
from orchestration.intake.simulation.totals import Totals
from orchestration.intake.simulation.types import Floats, Ints

_SECTORS = ("internal", "external")


def budget_frame(p: Parameters, totals: Totals, rng: np.random.Generator) -> pd.DataFrame:
    """Rows of `budget` for every exported year and, once it is decided, the next one."""
    rows: list[tuple[int, str, str, int, int]] = []
    spec = p["budget"]
    for year in range(p.request.first_month.year, p.request.last_month.year + 2):
        decided = day_number(date(year - 1, spec["decided"]["month"], spec["decided"]["day"]))
        if decided > p.cut_day:
            continue
        original = _original(p, totals, year, rng)
        rows += [(year, a, "original", v, decided) for a, v in original.items() if v]
        spent = dict(original)
        for step in spec["supplementary"]:
            rows += _supplementary(p, totals, year, step, spent)
        rows += _transfers(p, year, original, rng)
    frame = pd.DataFrame(rows, columns=["year", "account", "version", "amount", "decided_on"])
    days = frame["decided_on"].to_numpy()
    return pd.DataFrame(
        {
            "year": frame["year"].astype(str),
            "account": [_written(account) for account in frame["account"]],
            "version": frame["version"],
            "amount": money_text(frame["amount"].to_numpy() * 100),
            "decided_on": days.astype("datetime64[D]").astype(str),
        }
    )


def _written(account: str) -> str:
    """Preventive measures are budgeted in the short form, the rest in sixteen digits."""
    function = account[:5]
    dranst = "2" if function == "52207" else "1"
    if function == "52821":
        return composite9(account, dranst)
    return string16(account, dranst, "0", "86" if dranst == "2" else "40")


def _known_cost(p: Parameters, totals: Totals, year: int, months: int, accounts_on: int) -> Floats:
    """DKK by type of the first `months` months of a year, brought to a full year."""
    in_year = (p.axis.year == year) & (p.axis.month < months)
    in_year &= np.arange(p.axis.length) <= p.last
    found = int(in_year.sum())
    cost = totals.cost.sum(axis=1)[:, in_year].sum(axis=1) / 100
    return np.asarray(cost * 12 / max(found, 1))


def _by_account(p: Parameters, cost: Floats, year: int) -> dict[str, float]:
    kinds = np.arange(len(p.type_keys))
    day = np.full(kinds.size, day_number(date(year, 6, 30)))
    out: dict[str, float] = {}
    for account, value in zip(account_of_type(p, kinds, day), cost, strict=True):
        out[account] = out.get(account, 0.0) + float(value)
    return out


def _municipal(p: Parameters, totals: Totals, year: int, base: int) -> dict[str, float]:
    """Pay, objective financing and refunds of a year, as known from the base year."""
    level = p.level[year - LEVEL_START]
    in_base = (p.axis.year == base) & (np.arange(p.axis.length) <= p.last)
    found = max(int(in_base.sum()), 1)
    grown = level / p.level[base - LEVEL_START]
    secure = p["secure_objective_yearly"] * p.request.children / 10_000 * level
    return {
        p["functions"]["pay"]: totals.pay[in_base].sum() / 100 * 12 / found * grown,
        p["functions"]["secure"]: secure,
        p["functions"]["refund"]: -totals.past_refund[in_base].sum() / 100 * 12 / found * grown,
    }


def _original(p: Parameters, totals: Totals, year: int, rng: np.random.Generator) -> dict[str, int]:
    spec = p["budget"]
    base = max(year - 1, p.request.first_month.year)
    cost = _known_cost(p, totals, base, 9, year)
    cost = cost * p.level[year - LEVEL_START] / p.level[base - LEVEL_START]
    optimism = rng.uniform(*spec["optimism"])
    amounts = _by_account(p, cost, year)
    for account, value in _municipal(p, totals, year, base).items():
        amounts[account] = amounts.get(account, 0.0) + value
    noise = rng.normal(0.0, spec["account_noise"], len(amounts))
    step = int(spec["round_to"])
    return {
        account: round(value * (1 - optimism) * (1 + off) / step) * step
        for (account, value), off in zip(sorted(amounts.items()), noise, strict=True)
    }


def _supplementary(
    p: Parameters, totals: Totals, year: int, step: dict[str, Any], budget: dict[str, int]
) -> list[tuple[int, str, str, int, int]]:
    """What the council adds when the year runs over; `budget` is raised by it."""
    decided = day_number(date(year, step["month"], step["day"]))
    if decided > p.cut_day or year < p.request.first_month.year:
        return []
    expected = _by_account(p, _known_cost(p, totals, year, step["known_months"], year), year)
    over = {a: v - budget.get(a, 0) for a, v in expected.items()}
    total, planned = sum(over.values()), sum(budget.get(a, 0) for a in expected)
    if planned <= 0 or total < step["over"] * planned:
        return []
    positive = {a: v for a, v in over.items() if v > 0}
    scale = step["covers"] * total / sum(positive.values())
    unit = int(p["budget"]["round_to"])
    rows = []
    for account, value in sorted(positive.items()):
        amount = round(value * scale / unit) * unit
        if amount:
            budget[account] = budget.get(account, 0) + amount
            rows.append((year, account, "supplementary", amount, decided))
    return rows


def _transfers(
    p: Parameters, year: int, original: dict[str, int], rng: np.random.Generator
) -> list[tuple[int, str, str, int, int]]:
    """Zero-sum moves between accounts."""
    spec = p["budget"]["transfer"]
    decided = day_number(date(year, spec["month"], spec["day"]))
    if decided > p.cut_day:
        return []
    large = [a for a, v in sorted(original.items()) if v > 500_000 and a[:3] == "528"]
    pairs = min(int(spec["pairs"]), len(large) // 2)
    chosen = rng.permutation(len(large))[: 2 * pairs]
    unit = int(p["budget"]["round_to"])
    rows = []
    for giver, taker in zip(chosen[::2].tolist(), chosen[1::2].tolist(), strict=True):
        amount = round(original[large[giver]] * spec["share"] / unit) * unit
        if amount:
            rows.append((year, large[giver], "transfer", -amount, decided))
            rows.append((year, large[taker], "transfer", amount, decided))
    return rows


def order_plan_frame(p: Parameters, totals: Totals) -> pd.DataFrame:
    """Rows of `order_plan`: the year before's volume and price by sector, at the new prices."""
    rows = []
    for year in range(p.request.first_month.year, p.request.last_month.year + 1):
        base = max(year - 1, p.request.first_month.year)
        months = (p.axis.year == base) & (np.arange(p.axis.length) <= p.last)
        days = totals.days[:, :, months].sum(axis=2)
        cost = totals.cost[:, :, months].sum(axis=2) / 100
        grown = p.level[year - LEVEL_START] / p.level[base - LEVEL_START]
        persons = days / max(float(p.axis.days[months].sum()), 1.0)
        full = 12 / max(int(months.sum()), 1)
        for kind, sector in zip(*np.nonzero(persons > 0.05), strict=True):
            price = cost[kind, sector] * full / persons[kind, sector] * grown
            for code, share in _codes(p, int(kind), year):
                planned = round(float(persons[kind, sector]) * share, 1)
                if planned > 0:
                    rows.append((year, code, _SECTORS[sector], planned, price))
    frame = pd.DataFrame(rows, columns=["year", "type", "sector", "persons", "price"])
    frame["volume"] = frame["persons"] * frame["price"]
    frame = frame.groupby(["year", "type", "sector"], sort=True).sum().reset_index()
    mean = frame["volume"].to_numpy() / frame["persons"].to_numpy()
    price = np.round(mean * 100).astype(np.int64)
    return pd.DataFrame(
        {
            "year": frame["year"].astype(str),
            "measure_type": frame["type"],
            "sector": frame["sector"],
            "full_year_persons": [f"{v:.1f}" for v in frame["persons"]],
            "unit_price": money_text(price),
        }
    )


def _codes(p: Parameters, kind: int, year: int) -> list[tuple[str, float]]:
    """Measure type as registered in a year, with its share of it."""
    reform = p["foster_reform"]
    key = p.type_keys[kind]
    if key not in reform["new_types"] or year > reform["date"].year:
        return [(key, 1.0)]
    if year < reform["date"].year:
        return [(reform["old_type"], 1.0)]
    return [(reform["old_type"], 0.5), (key, 0.5)]


def secure_ore(p: Parameters, position: Ints) -> Ints:
    """Objective financing of secure institutions per month, øre."""
    level = p.level[p.axis.year[position] - LEVEL_START]
    yearly = p["secure_objective_yearly"] * p.request.children / 10_000
    return np.asarray(np.round(yearly / 12 * level * 100).astype(np.int64))
