"""The attacker on many simulated municipalities, and what suppression costs: `make disclosure`.

Belongs here: municipalities of every size, from an island to a large town, and the table of what
was hidden and what the attacker worked out. Not here: the attack (attacker), the control itself.
Tables are made from one made-up row per child, type, sector and month (sample_frames), with as many
places per type as a municipality of that size has on average, drawn anew for each.
"""

import argparse
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from unittest.mock import patch

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from exports.disclosure import control, load_rules
from tests.exports.attacker import attack_amounts, attack_children, attack_variance
from tests.exports.sample_frames import frames_from, sample_persons
from tests.exports.sample_reference import TYPES

Frames = dict[str, pd.DataFrame]
POPULATION = 10_000
"""Children and young people in the municipality that sample_reference describes."""
SMALLEST, LARGEST = 0.04, 3.0
"""Of that: some 400 children, and some 30,000."""
OVERHEADS = {"6.45.58": 8.4e6, "5.22.07": -6.1e6}


@dataclass(frozen=True)
class Outcome:
    """One municipality: value cells, what is hidden, and what could be worked out."""

    population: int
    persons: int
    cells: int
    primary: int
    complementary: int
    reconstructed: int
    reconstructed_of_primary: int
    """What the attacker works out where only the sensitive cells themselves are hidden."""


def municipalities(count: int, seed: int) -> Iterator[tuple[int, pd.DataFrame]]:
    """Population and persons of so many municipalities, small ones as often as large."""
    rng = np.random.default_rng(seed)
    for number, scale in enumerate(np.geomspace(SMALLEST, LARGEST, count)):
        places = {key: int(rng.poisson(spec.places * scale)) for key, spec in TYPES.items()}
        yield round(POPULATION * scale), sample_persons(seed * 1000 + number, places)


def attacked(population: int, persons: pd.DataFrame) -> Outcome:
    """Control the tables of one municipality and attack them."""
    scale = population / POPULATION
    raw = frames_from(persons, {key: yearly * scale for key, yearly in OVERHEADS.items()})
    safe, alone = control(raw), _primary_alone(raw)
    hidden, primary = _emptied(raw, safe), _emptied(raw, alone)
    return Outcome(
        population=population,
        persons=persons["person"].nunique(),
        cells=sum(int(raw[name][columns].notna().sum().sum()) for name, columns in _values(raw)),
        primary=primary,
        complementary=hidden - primary,
        reconstructed=_worked_out(safe),
        reconstructed_of_primary=_worked_out(alone),
    )


def _primary_alone(raw: Frames) -> Frames:
    """The control without what protects margins: only what rests on too few itself is hidden."""
    with (
        patch("exports.disclosure.protect", lambda relations, found, rank: found),
        patch("exports.disclosure._not_alone", lambda frame, hidden, *rest: hidden),
    ):
        return control(raw)


def _values(frames: Frames) -> Iterator[tuple[str, list[str]]]:
    """The tables that are controlled, each with the columns that may be emptied."""
    rules = load_rules()
    for name, table in rules.tables.items():
        if name in frames:
            yield name, [column for column in table["values"] if column in frames[name]]
    place = rules.placements
    columns = [place["total"], place["total_share"], *place["shares"], *place["means"]]
    yield place["table"], [*columns, *place["flows"], *place["events"]]


def _emptied(raw: Frames, safe: Frames) -> int:
    """Value cells that were known and are empty; rows that control adds were none."""
    return sum(
        int((raw[name][columns].notna().sum() - safe[name][columns].notna().sum()).sum())
        for name, columns in _values(raw)
    )


def _worked_out(frames: Frames) -> int:
    found = [
        attack_amounts(frames, "actual", "actual_to_date"),
        attack_amounts(frames, "mean", "mean"),
        attack_children(frames),
        attack_variance(frames),
    ]
    return sum(map(len, found))


def measured_table(outcomes: list[Outcome], groups: int = 5) -> Table:
    """The municipalities by size, in groups, and all of them.

    `added`: hidden so that nothing follows from a sum. `without added`: what the attacker works out
    where that is left undone.
    """
    table = Table(title=f"Disclosure control of {len(outcomes)} simulated municipalities")
    names = ("children", "helped", "cells", "primary", "added", "hidden", "worked out",
             "without added")  # fmt: skip
    for name in names:
        table.add_column(name, justify="right")
    size = math.ceil(len(outcomes) / groups)
    for start in range(0, len(outcomes), size):
        table.add_row(*_summed(outcomes[start : start + size]))
    table.add_section()
    table.add_row(*_summed(outcomes))
    return table


def _summed(outcomes: list[Outcome]) -> list[str]:
    populations = [one.population for one in outcomes]
    cells, primary = sum(one.cells for one in outcomes), sum(one.primary for one in outcomes)
    complementary = sum(one.complementary for one in outcomes)
    return [
        f"{min(populations)}–{max(populations)}",
        str(sum(one.persons for one in outcomes)),
        str(cells),
        f"{primary} ({primary / cells:.1%})",
        f"{complementary} ({complementary / cells:.1%})",
        f"{(primary + complementary) / cells:.1%}",
        str(sum(one.reconstructed for one in outcomes)),
        str(sum(one.reconstructed_of_primary for one in outcomes)),
    ]


def main() -> int:
    """Print the table; 1 where anything that is hidden could be worked out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--municipalities", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    outcomes = [
        attacked(population, persons)
        for population, persons in municipalities(given.municipalities, given.seed)
    ]
    Console().print(measured_table(outcomes))
    return 1 if any(one.reconstructed for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
