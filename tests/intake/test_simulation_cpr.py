"""Simulated CPR numbers: unique, and of a form that can belong to nobody."""

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.intake.simulation.cpr import made_up_cpr
from orchestration.intake.simulation.months import day_number


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.lists(st.integers(0, 199), min_size=2, max_size=4, unique=True)
)
def test_cpr_numbers_are_unique_over_blocks(seed: int, blocks: list[int]) -> None:
    rng = np.random.default_rng(seed)
    low, high = day_number(date(1978, 1, 1)), day_number(date(2034, 12, 31))
    numbers: list[str] = []
    for block in blocks:
        birth = rng.integers(low, high, 300)
        numbers += list(made_up_cpr(birth, rng.random(300) < 0.5, block))
    assert len(set(numbers)) == len(numbers)
