"""Random numbers that belong to a child, a month and a purpose.

The same child meets the same chance in every world, so two policies differ only in the lives they
change; that is what makes the true effects precise. The numbers are SplitMix64 of a counter
(Steele, Lea and Flood, 2014), computed for just the children that need them.
"""

from dataclasses import dataclass

import numpy as np

from orchestration.intake.simulation.types import Floats, Ints

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MONTH = np.uint64(0xD1B54A32D192ED03)
_PURPOSES = (
    "contact_on",
    "track_end",
    "track_reason",
    "day_end",
    "leave",
    "day_leave",
    "supported",
    "notify",
    "day_notify",
    "reassess",
    "early_day",
    "outcome",
    "apply",
    "day_apply",
    "first_day",
    "assessed",
    "second",
    "first_row",
    "second_row",
    "add",
    "day_add",
    "place",
    "day_place",
    "convert",
    "type",
    "network",
    "day_close",
    "after_care",
    "after_kind",
)
_NUMBER = {name: np.uint64(i + 1) for i, name in enumerate(_PURPOSES)}
_PER_TYPE = 1000  # numbers beyond the purposes: one pair per measure type


def mix(value: Ints) -> Ints:
    """SplitMix64's finaliser: 64 bits in, 64 well-spread bits out."""
    z = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def new_keys(seed: np.random.SeedSequence, count: int) -> Ints:
    """One key per child."""
    word = np.uint64(seed.generate_state(1, np.uint64)[0])
    return mix(np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN + word)


def copied_keys(keys: Ints, copies: int, seed: np.random.SeedSequence) -> Ints:
    """Fresh keys for copies of the children; the same seed gives the same ones."""
    word = np.uint64(seed.generate_state(1, np.uint64)[0])
    copy = np.repeat(np.arange(copies, dtype=np.uint64), keys.size)
    return mix(np.tile(keys, copies) + copy * _GOLDEN + word)


@dataclass(frozen=True)
class Chance:
    """The chances of one month."""

    keys: Ints
    t: int

    def uniform(self, idx: Ints, purpose: str) -> Floats:
        """A number in [0, 1) for each child of `idx`."""
        return self._draw(self.keys[idx], _NUMBER[purpose])

    def by_row(self, idx: Ints, rows: int, purpose: str) -> Floats:
        """One number per row and child."""
        offsets = (np.arange(1, rows + 1, dtype=np.uint64) << np.uint64(32))[:, None]
        return self._draw(self.keys[idx][None, :] + offsets, _NUMBER[purpose])

    def normal(self, idx: Ints, kind: Ints) -> Floats:
        """A standard normal number for each child and measure type."""
        keys = self.keys[idx]
        number = np.uint64(_PER_TYPE) + kind.astype(np.uint64) * np.uint64(2)
        u = self._draw(keys, number)
        v = self._draw(keys, number + np.uint64(1))
        return np.asarray(np.sqrt(-2.0 * np.log1p(-u)) * np.cos(2.0 * np.pi * v))

    def _draw(self, keys: Ints, number: Ints | np.uint64) -> Floats:
        with np.errstate(over="ignore"):
            counter = keys + np.uint64(self.t + 1) * _MONTH + number * _GOLDEN
            return (mix(mix(counter)) >> np.uint64(11)).astype(np.float64) * 2.0**-53
