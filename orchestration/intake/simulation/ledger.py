"""Postings of one block: what the measures cost, as a finance system books it.

What belongs here: invoices, quarterly bills, parental payments, refunds and pay, before anything
goes wrong with them (dirt.py). A line is numbers only; its text is made at the end.

Columns of a line: `measure`, `person` (rows, -1 for none), `t` (service month on the axis),
`amount` (øre), `kind`, `day`, `period`, `year`, `account` (function-grouping), `dranst`, `owner`
(position in OWNERS, -1 for none), `art` (empty: by account and owner), `provider`, `label`.
"""

import numpy as np
import pandas as pd

from orchestration.intake.simulation.accounts import account_of_type
from orchestration.intake.simulation.months import NO_DAY, month_of_day
from orchestration.intake.simulation.organisation import OWNERS, Caseworkers, Providers
from orchestration.intake.simulation.parameters import LEVEL_START, Parameters
from orchestration.intake.simulation.population import Population
from orchestration.intake.simulation.prices import month_cost_ore, price_ore
from orchestration.intake.simulation.types import Floats, Ints

_EARLIER = 4  # months before the first one whose late invoices reach the ledger


def cost_lines(p: Parameters, measures: pd.DataFrame) -> pd.DataFrame:
    """One row per measure and month of service, up to the cut: measure, person, t, kind_index,
    active (days), amount."""
    first = p.first - _EARLIER
    start = measures["start"].to_numpy()
    end = measures["end"].to_numpy()
    end = np.where(end == NO_DAY, p.cut_day, np.minimum(end, p.cut_day))
    begin = np.maximum(month_of_day(start) - p.axis.start, first)
    stop = month_of_day(end) - p.axis.start
    kind = measures["kind"].to_numpy()
    once = kind == p.type_index("economic_support")
    begin = np.where(once, month_of_day(start) - p.axis.start, begin)
    count = np.maximum(stop - begin + 1, 0) * (start <= p.cut_day) * (begin >= first)
    row = np.repeat(np.arange(len(measures)), count)
    t = begin[row] + np.arange(row.size) - np.repeat(np.cumsum(count) - count, count)
    month_first = p.axis.first_day[t]
    month_last = month_first + p.axis.days[t] - 1
    active = np.minimum(end[row], month_last) - np.maximum(start[row], month_first) + 1
    price = price_ore(p, kind[row], measures["base_price"].to_numpy()[row], p.axis.year[t])
    units = measures["units"].to_numpy()[row]
    amount = month_cost_ore(p, kind[row], price, units, active, t)
    return pd.DataFrame(
        {
            "measure": row,
            "person": measures["person"].to_numpy()[row],
            "t": t,
            "kind_index": kind[row],
            "active": active,
            "amount": amount,
        }
    )


def invoices(
    p: Parameters,
    measures: pd.DataFrame,
    providers: Providers,
    costs: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The costs as monthly invoices, booked in the month of service; institutions of other
    municipalities send one bill a quarter, booked the month after (in December: period 13)."""
    t, kind = costs["t"].to_numpy(), costs["kind_index"].to_numpy()
    provider = measures["provider"].to_numpy()[costs["measure"].to_numpy()]
    owner = np.where(provider >= 0, providers.owner[provider], -1)
    service_day = p.axis.first_day[t] + p.axis.days[t] - 1
    lines = pd.DataFrame(
        {
            "measure": costs["measure"],
            "person": costs["person"],
            "t": t,
            "amount": costs["amount"],
            "kind": "invoice",
            "day": service_day - (rng.random(t.size) * 9).astype(np.int64),
            "period": p.axis.month[t] + 1,
            "year": p.axis.year[t],
            "account": account_of_type(p, kind, service_day),
            "dranst": "1",
            "owner": owner,
            "art": "",
            "provider": provider,
            "label": np.array([t["category"] for t in p["types"].values()], dtype=object)[kind],
        }
    )
    quarterly = (owner == OWNERS.index("municipality")) & (kind < p.placements)
    bills = _quarterly(p, lines[quarterly], rng)
    return pd.concat([lines[~quarterly], bills], ignore_index=True)


def _quarterly(p: Parameters, lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One bill per measure and quarter, once the quarter is over."""
    index = p.axis.index[lines["t"].to_numpy()]
    quarter = index // 3
    grouped = lines.assign(quarter=quarter).groupby(["measure", "quarter"], sort=True)
    bills = grouped.agg({c: "last" for c in lines.columns if c not in ("measure", "amount")})
    bills["amount"] = grouped["amount"].sum()
    bills = bills.reset_index()
    low, high = p.dirt["quarterly_bill"]["delay_days"]
    quarter_rows = bills.pop("quarter").to_numpy()
    booking = _after_quarter(quarter_rows, low, high, rng)
    return bills.assign(kind="quarterly_bill", label="quarterly_bill", **booking)


def _after_quarter(quarter: Ints, low: int, high: int, rng: np.random.Generator) -> dict[str, Ints]:
    """Booking day, period and year of what is settled in the month after a quarter."""
    following = quarter * 3 + 3
    start = following.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    day = start + rng.integers(low, high, quarter.size) - 1
    fourth = quarter % 4 == 3
    year = following // 12 + 1970 - fourth
    return {"day": day, "period": np.where(fourth, 13, following % 12 + 1), "year": year}


def parental_payments(
    p: Parameters,
    population: Population,
    measures: pd.DataFrame,
    costs: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Income from the parents of some placed children, per month of placement (grouping 092)."""
    spec = p["placements"]
    pays = rng.random(len(population)) < spec["parental_payment"]
    adult = measures["after_care"].to_numpy().astype(bool)[costs["measure"].to_numpy()]
    chosen = costs[(costs["kind_index"] < p.placements) & pays[costs["person"]] & ~adult]
    t = chosen["t"].to_numpy()
    level = p.level[p.axis.year[t] - LEVEL_START]
    share = chosen["active"].to_numpy() / p.axis.days[t]
    amount = -np.round(spec["parental_payment_monthly"] * level * share * 100).astype(np.int64)
    last = p.axis.first_day[t] + p.axis.days[t] - 1
    account = account_of_type(p, chosen["kind_index"].to_numpy(), last)
    return pd.DataFrame(
        {
            "measure": chosen["measure"].to_numpy(),
            "person": chosen["person"].to_numpy(),
            "t": t,
            "amount": amount,
            "kind": "parental_payment",
            "day": last - 2,
            "period": p.axis.month[t] + 1,
            "year": p.axis.year[t],
            "account": np.array([f"{a[:5]}-092" for a in account], dtype=object),
            "dranst": "1",
            "owner": 0,
            "art": "79",
            "provider": -1,
            "label": "parental_payment",
        }
    )


def pay_lines(p: Parameters, workers: Caseworkers) -> pd.DataFrame:
    """Caseworkers' pay: one posting per team and month."""
    months = np.arange(p.first, p.last + 1)
    team, t = (a.ravel() for a in np.meshgrid(np.arange(len(workers.teams)), months))
    level = p.level[p.axis.year[t] - LEVEL_START]
    amount = workers.fte[team, t] * p["caseworkers"]["yearly_pay"] / 12 * level
    return pd.DataFrame(
        {
            "measure": -1,
            "person": -1,
            "t": t,
            "amount": np.round(amount * 100).astype(np.int64),
            "kind": "pay",
            "day": p.axis.first_day[t] + p.axis.days[t] - 1,
            "period": p.axis.month[t] + 1,
            "year": p.axis.year[t],
            "account": p["functions"]["pay"],
            "dranst": "1",
            "owner": 0,
            "art": "10",
            "provider": -1,
            "label": "pay",
        }
    )


def counted_costs(
    p: Parameters, population: Population, costs: pd.DataFrame, income: pd.DataFrame
) -> pd.DataFrame:
    """household, person, t, amount of what the refund scheme counts, income deducted; secure
    institutions and day care do not count."""
    accounts = [kind["account"] for kind in p["types"].values()]
    counted = np.array([not a.startswith(("52824", "52825")) for a in accounts])
    columns = ["person", "t", "amount"]
    spent = costs.loc[counted[costs["kind_index"].to_numpy()], columns]
    out = pd.concat([spent, income[columns]], ignore_index=True)
    return out.assign(household=population.household[out["person"].to_numpy()])


def household_refunds(p: Parameters, counted: pd.DataFrame) -> pd.DataFrame:
    """household, t, amount, refund: each month the cost of a household above 1/12 of each limit
    gives that tier's share."""
    monthly = counted.groupby(["household", "t"], sort=True)["amount"].sum().reset_index()
    index = p.axis.index[monthly["t"].to_numpy()]
    monthly["refund"] = monthly_refund(p, monthly["amount"].to_numpy(), index)
    return monthly[monthly["refund"] > 0]


def refund_lines(
    p: Parameters, counted: pd.DataFrame, earned: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """State refund (5.22.07), claimed a quarter at a time on the household's dearest child."""
    earned = earned.assign(quarter=p.axis.index[earned["t"].to_numpy()] // 3)
    claims = earned.groupby(["household", "quarter"], sort=True)["refund"].sum().reset_index()
    claims = claims[rng.random(len(claims)) < p["refund"]["claimed"]]
    counted = counted.assign(quarter=p.axis.index[counted["t"].to_numpy()] // 3)
    dearest = counted.groupby(["household", "quarter", "person"])["amount"].sum().reset_index()
    dearest = dearest.sort_values(["household", "quarter", "amount"], kind="stable")
    dearest = dearest.drop_duplicates(["household", "quarter"], keep="last")
    claims = claims.merge(dearest, on=["household", "quarter"], how="left")
    low, high = p.dirt["refund"]["delay_days"]
    quarter = claims["quarter"].to_numpy()
    return pd.DataFrame(
        {
            "measure": -1,
            "person": claims["person"].to_numpy(),
            "t": quarter * 3 + 2 - p.axis.start,
            "amount": -claims["refund"].to_numpy(),
            "kind": "refund",
            **_after_quarter(quarter, low, high, rng),
            "account": p["functions"]["refund"],
            "dranst": "2",
            "owner": -1,
            "art": "86",
            "provider": -1,
            "label": "refund",
        }
    )


def monthly_refund(p: Parameters, amount: Ints, month: Ints) -> Ints:
    """Refund in øre of households' cost in øre in a month (month index)."""
    refund = np.zeros(amount.size)
    year = month // 12 + 1970
    for y in range(int(year.min(initial=9999)), int(year.max(initial=0)) + 1):
        rows = year == y
        refund[rows] = year_refund(p, amount[rows], y)
    return np.round(refund).astype(np.int64)


def year_refund(p: Parameters, amount: Floats | Ints, year: int) -> Floats:
    """Refund in øre of households' cost in øre in a month of one year."""
    spec = p["refund"]
    declared = {row["year"]: row["limits"] for row in spec["limits"]}
    first, last = min(declared), max(declared)
    growth = (1 + spec["growth_after_last"]) ** max(0, year - last)
    limits = declared[min(max(year, first), last)]
    # Two tiers up to 2020, three from 2021.
    tiers = zip(spec["tiers"], limits, strict=False)
    parts = [share * np.maximum(amount - limit * growth * 100 / 12, 0) for share, limit in tiers]
    return np.asarray(sum(parts))
