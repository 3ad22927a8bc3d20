"""Where every child of a block stands at the end of a month.

What belongs here: the state that the engine moves, and copies of it for projections. What does
not: how it moves.
"""

from dataclasses import dataclass, fields

import numpy as np

from orchestration.intake.simulation.chance import copied_keys, new_keys
from orchestration.intake.simulation.population import Population
from orchestration.intake.simulation.types import Bools, Floats, Ints

NONE = -1


@dataclass
class State:
    """One column per child; tracks are measures that can run side by side, one row per type.

    Rates are yearly cost in DKK at the base year's price level. `case`, `place_measure` and
    `track` hold numbers given by the log, or -1. `key` gives the child's chances (chance.py).
    `once` is what this month's single payments cost.
    """

    key: Ints
    person: Ints
    household: Ints
    birth_month: Ints
    eighteen: Ints
    leaving: Ints
    disabled: Bools
    risk: Floats
    case: Ints
    assess_end: Ints
    assess_day: Ints
    assessed: Bools
    idle: Ints
    place: Ints
    place_since: Ints
    place_measure: Ints
    place_rate: Floats
    once: Floats
    track: Ints
    track_rate: Floats

    @property
    def size(self) -> int:
        """How many children."""
        return int(self.person.size)

    def copies(self, count: int, seed: np.random.SeedSequence) -> "State":
        """The state `count` times side by side, each copy with its own chances and households."""
        tiled = {
            f.name: np.tile(getattr(self, f.name), (1, count) if f.name in _BY_TRACK else count)
            for f in fields(self)
        }
        offset = np.repeat(np.arange(count), self.size) * (int(self.household.max(initial=0)) + 1)
        tiled["household"] = tiled["household"] + offset
        tiled["key"] = copied_keys(self.key, count, seed)
        return State(**tiled)

    def snapshot(self) -> "State":
        """The state as it is now."""
        return State(**{f.name: getattr(self, f.name).copy() for f in fields(self)})


_BY_TRACK = ("track", "track_rate")


def new_state(population: Population, tracks: int, seed: np.random.SeedSequence) -> State:
    """Nobody has a case yet."""
    n = len(population)

    def none() -> Ints:
        return np.full(n, NONE, dtype=np.int64)

    return State(
        key=new_keys(seed, n),
        person=np.arange(n),
        household=population.household.copy(),
        birth_month=population.birth_month,
        eighteen=population.eighteen,
        leaving=population.leaving,
        disabled=population.disabled,
        risk=population.risk,
        case=none(),
        assess_end=none(),
        assess_day=none(),
        assessed=np.zeros(n, dtype=bool),
        idle=np.zeros(n, dtype=np.int64),
        place=none(),
        place_since=none(),
        place_measure=none(),
        place_rate=np.zeros(n),
        once=np.zeros(n),
        track=np.full((tracks, n), NONE, dtype=np.int64),
        track_rate=np.zeros((tracks, n)),
    )
