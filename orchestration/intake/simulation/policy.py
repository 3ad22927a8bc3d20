"""Initiatives as rates per month: what each changes, and the world without it.

What belongs here: the declared initiatives turned into arrays over the axis. What does not: the
process they act on (engine.py).
"""

from dataclasses import dataclass

import numpy as np

from orchestration.intake.simulation.months import month_index
from orchestration.intake.simulation.parameters import Parameters, ramp
from orchestration.intake.simulation.types import Floats


@dataclass(frozen=True)
class Policy:
    """Rates per position of the axis: share of placements converted to intensive home-based
    support and the ages that are tried, share of new foster placements that become network care,
    factors on the placement and return hazards, cases per full-time caseworker."""

    converts: Floats
    convert_ages: tuple[int, int]
    network_share: Floats
    placement_factor: Floats
    return_factor: Floats
    caseload: Floats


def make_policy(p: Parameters, without: str | None = None) -> Policy:
    """The policy as declared, or with one initiative (by name) left out."""
    length = p.axis.length
    converts, network = np.zeros(length), np.zeros(length)
    placement, returning = np.ones(length), np.ones(length)
    caseload = np.full(length, float(p["caseworkers"]["cases_per_fte"]))
    ages = (0, 0)
    for spec in p["initiatives"]:
        if spec["name"] == without:
            continue
        grown = ramp(p.axis.index, month_index(spec["starts"]), int(spec["ramp_months"]))
        converts = converts + grown * spec.get("converts", 0.0)
        network = network + grown * spec.get("network_share", 0.0)
        placement = placement * (1 + grown * (spec.get("placement_factor", 1.0) - 1))
        returning = returning * (1 + grown * (spec.get("return_factor", 1.0) - 1))
        if "caseload" in spec:
            caseload = caseload + grown * (spec["caseload"] - caseload)
        if "converts" in spec:
            ages = (int(spec["from_age"]), int(spec["to_age"]))
    return Policy(converts, ages, network, placement, returning, caseload)
