"""Sums over blocks: what budget, order plan and truth need to know about the whole municipality.

What belongs here: adding up. What does not: any child.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from orchestration.intake.simulation.organisation import OWNERS, Providers
from orchestration.intake.simulation.parameters import Parameters
from orchestration.intake.simulation.types import Floats

INTERNAL, EXTERNAL = 0, 1


@dataclass
class Totals:
    """By position of the axis. `cost` (øre) and `days` by (type, sector, month of service);
    `quarterly` (øre): the part of `cost` that is billed by the quarter, by (type, month). `pay`,
    `past_refund`, `month_refund` (øre) by month: the refund as claimed at a quarter's end, and as
    earned. `future…` (DKK, children) by month after the cut; `saving` (DKK) by initiative."""

    cost: Floats
    days: Floats
    quarterly: Floats
    pay: Floats
    future: Floats
    future_refund: Floats
    future_placed: Floats
    future_pay: Floats
    past_refund: Floats
    month_refund: Floats
    saving: dict[str, Floats]


def new_totals(p: Parameters) -> Totals:
    """All zero."""
    kinds, length = len(p.type_keys), p.axis.length
    ahead = int(p["horizon"]["future_months"])
    return Totals(
        cost=np.zeros((kinds, 2, length)),
        days=np.zeros((kinds, 2, length)),
        quarterly=np.zeros((kinds, length)),
        pay=np.zeros(length),
        future=np.zeros((kinds, ahead)),
        future_refund=np.zeros(ahead),
        future_placed=np.zeros((kinds, ahead)),
        future_pay=np.zeros(ahead),
        past_refund=np.zeros(length),
        month_refund=np.zeros(length),
        saving={spec["name"]: np.zeros(length) for spec in p["initiatives"]},
    )


def add_costs(
    p: Parameters, totals: Totals, measures: pd.DataFrame, providers: Providers, costs: pd.DataFrame
) -> None:
    """Add a block's cost lines."""
    provider = measures["provider"].to_numpy()[costs["measure"].to_numpy()]
    own = (provider >= 0) & (providers.owner[provider] == OWNERS.index("own"))
    place = (
        costs["kind_index"].to_numpy(),
        np.where(own, INTERNAL, EXTERNAL),
        costs["t"].to_numpy(),
    )
    np.add.at(totals.cost, place, costs["amount"].to_numpy())
    np.add.at(totals.days, place, costs["active"].to_numpy())
    elsewhere = (provider >= 0) & (providers.owner[provider] == OWNERS.index("municipality"))
    billed = costs[elsewhere & (costs["kind_index"].to_numpy() < p.placements)]
    cell = (billed["kind_index"].to_numpy(), billed["t"].to_numpy())
    np.add.at(totals.quarterly, cell, billed["amount"].to_numpy())
