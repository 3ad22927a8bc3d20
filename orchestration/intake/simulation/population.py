"""The children of one block: births, households, districts.

What belongs here: who exists. What does not: what happens to them (engine.py).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from orchestration.intake.simulation.cpr import made_up_cpr
from orchestration.intake.simulation.months import birthday, day_text, month_of_day
from orchestration.intake.simulation.parameters import Parameters
from orchestration.intake.simulation.types import Bools, Floats, Ints, Texts


@dataclass(frozen=True)
class Population:
    """Everyone who is 0-22 at some time on the axis, sorted by household.

    `birth`, `eighteen`, `leaving`: day numbers; `birth_month`: position on the axis (may be
    negative). `risk`: multiplies the household's hazard of a notification, mean 1.
    """

    block: int
    cpr: Texts
    birth: Ints
    birth_month: Ints
    eighteen: Ints
    leaving: Ints
    male: Bools
    household: Ints
    district: Ints
    protected: Bools
    disabled: Bools
    risk: Floats

    def __len__(self) -> int:
        return int(self.birth.size)


def make_population(
    p: Parameters, block: int, children: int, rng: np.random.Generator
) -> Population:
    """Draw a block that holds about `children` aged 0-22 at any time on the axis."""
    spec = p["population"]
    last_day = int(p.axis.first_day[-1] + p.axis.days[-1])
    leaving = int(spec["leaving_age"])
    window_start = int(p.axis.first_day[0]) - round(leaving * 365.25)
    sizes = np.array(spec["household_sizes"])
    mean_size = float((np.arange(1, sizes.size + 1) * sizes).sum())
    gap_low, gap_high = (round(365.25 * g) for g in spec["sibling_gap_years"])
    reach = gap_high * (sizes.size - 1)
    births_per_day = children / (leaving * 365.25)
    households = max(1, round(births_per_day * (last_day - window_start + reach) / mean_size))
    first_birth = rng.integers(window_start - reach, last_day, households)
    size = 1 + rng.choice(sizes.size, households, p=sizes / sizes.sum())
    household = np.repeat(np.arange(households), size)
    position = np.arange(household.size) - np.repeat(np.cumsum(size) - size, size)
    gaps = np.where(position > 0, rng.integers(gap_low, gap_high + 1, household.size), 0)
    total = np.cumsum(gaps)
    first_of_household = (np.cumsum(size) - size)[household]
    birth = first_birth[household] + total - total[first_of_household]
    shape = float(spec["risk_shape"])
    risk = rng.gamma(shape, 1.0 / shape, households)[household]
    weights = np.array([d["weight"] for d in spec["districts"]])
    district = rng.choice(weights.size, households, p=weights / weights.sum())[household]
    protected = (rng.random(households) < spec["address_protected"])[household]
    male = rng.random(household.size) < spec["male_share"]
    disabled = rng.random(household.size) < spec["disabled"]
    keep = (birth >= window_start) & (birth < last_day)
    birth, male = birth[keep], male[keep]
    return Population(
        block=block,
        cpr=made_up_cpr(birth, male, block),
        birth=birth,
        birth_month=month_of_day(birth) - p.axis.start,
        eighteen=birthday(birth, 18),
        leaving=birthday(birth, leaving),
        male=male,
        household=household[keep],
        district=district[keep],
        protected=protected[keep],
        disabled=disabled[keep],
        risk=risk[keep],
    )


def children_frame(p: Parameters, population: Population, known: Ints) -> pd.DataFrame:
    """Rows of `children` for the given persons."""
    districts = p["population"]["districts"]
    names = np.array([d["name"] for d in districts], dtype=object)
    codes = np.array([d["postal_code"] for d in districts], dtype=object)
    district = population.district[known]
    return pd.DataFrame(
        {
            "cpr": population.cpr[known],
            "birth_date": day_text(population.birth[known]),
            "sex": np.where(population.male[known], "M", "F").astype(object),
            "district": names[district],
            "postal_code": codes[district],
            "address_protected": bool_text(population.protected[known]),
            "household_id": household_text(population.block, population.household[known]),
        }
    )


def household_text(block: int, household: Ints) -> Texts:
    """Household numbers as the case system prints them."""
    return np.array([f"H{block:03d}-{h:06d}" for h in household.tolist()], dtype=object)


def only_where(flag: Bools, values: Texts) -> Texts:
    """The values where the flag holds, elsewhere null."""
    out = values.astype(object)
    out[~np.asarray(flag, dtype=bool)] = None
    return np.asarray(out)


def bool_text(flag: Bools) -> Texts:
    """`true` and `false`."""
    return np.where(flag, "true", "false").astype(object)


def known_at_cut(p: Parameters, population: Population) -> Ints:
    """Persons in the case system's person file: aged 0-22 at some time up to the cut."""
    known = (population.birth <= p.cut_day) & (population.leaving > p.first_day)
    return np.flatnonzero(known)
