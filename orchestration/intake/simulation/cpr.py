"""Made-up CPR numbers that cannot belong to anyone.

Form DDMMYYSSSS with 60 added to the day (61-91), which no person is ever given. The seventh digit
tells the century as in a real number (cpr.dk: 0-3 is 19xx; 4-9 is 20xx up to year 36), the last
digit is odd for a boy and even for a girl. Modulus 11 is not kept; real numbers need not keep it.

Uniqueness: every block of children has its own ten numbers per day of birth and sex.
"""

import numpy as np

from orchestration.intake.simulation.months import day_text
from orchestration.intake.simulation.types import Bools, Ints, Texts

_PER_BLOCK = 10
_STRIDE = 677  # coprime to both capacities, so that neighbours do not get neighbouring numbers
_CAPACITY_1900, _CAPACITY_2000 = 2000, 3000


def made_up_cpr(birth: Ints, male: Bools, block: int) -> Texts:
    """One unique number per child.

    `birth`: day numbers from 1970 to 2036. `block`: 0-199. Raises ValueError if more than ten
    children of a block share a birthday and a sex, which no realistic population has.
    """
    rank = _rank_within(birth * 2 + male)
    if rank.size and int(rank.max()) >= _PER_BLOCK:
        raise ValueError("too many children of one block share a birthday")
    iso = np.asarray(day_text(birth), dtype="U10")
    year = np.array([int(text[:4]) for text in iso], dtype=np.int64)
    slot = block * _PER_BLOCK + rank
    capacity = np.where(year < 2000, _CAPACITY_1900, _CAPACITY_2000)
    serial = 2 * ((slot * _STRIDE + birth * 31) % capacity) + male
    serial = serial + np.where(year < 2000, 0, 4000)
    return np.array(
        [
            f"{int(d[8:10]) + 60}{d[5:7]}{d[2:4]}{s:04d}"
            for d, s in zip(iso, serial.tolist(), strict=True)
        ],
        dtype=object,
    )


def _rank_within(key: Ints) -> Ints:
    """0, 1, 2, … among equal keys, in order of appearance."""
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    new = np.r_[True, ordered[1:] != ordered[:-1]] if key.size else np.zeros(0, bool)
    starts = np.flatnonzero(new)
    rank = np.arange(key.size) - np.repeat(starts, np.diff(np.r_[starts, key.size]))
    out = np.empty(key.size, dtype=np.int64)
    out[order] = rank
    return out
