"""The scores of the public benchmark, and a small sample of it."""

from pathlib import Path

import numpy as np
import pytest

from forecasting.candidates import naive2
from tests.benchmarks.forecast.public import of_set
from tests.benchmarks.forecast.public_sets import LEVELS, covered, crps, owa, read_set

SAMPLE = read_set("pbs36")[::30]


def test_the_yardstick_scores_one_and_the_truth_nothing() -> None:
    known = [naive2(one.known, len(one.came)) for one in SAMPLE]
    assert owa(SAMPLE, known) == pytest.approx(1)
    truth = [one.came for one in SAMPLE]
    sure = [np.repeat(path[None], len(LEVELS), axis=0) for path in truth]
    assert owa(SAMPLE, truth) == 0
    assert crps(SAMPLE, sure) == 0
    assert covered(SAMPLE, sure, 0.80) == 100
    beside = [marks + 1e9 for marks in sure]
    assert covered(SAMPLE, beside, 0.95) == 0


def test_a_sample_is_scored_beside_a_peer_that_is_asked_once(tmp_path: Path) -> None:
    found = of_set("pbs36", ["Theta"], ["fast"], 60, tmp_path, 1)
    assert set(found) == {"Theta", "fast"}
    assert all(0 < one.owa < 3 and one.failed == 0 for one in found.values())
    again = of_set("pbs36", ["Theta"], [], 60, tmp_path, 1)
    assert again["Theta"].owa == found["Theta"].owa
