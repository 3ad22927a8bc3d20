"""`make benchmark-forecast`: the parts that are asked for, each with its tables.

Parts: public (accuracy and intervals on public series), year_end (fiscal years), municipality (the
outturn of simulated municipalities), effects and scenarios (known ones), speed, ledger (a real
council's).
"""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from tests.benchmarks.forecast import (
    known_effects,
    known_scenarios,
    municipality,
    public,
    real_ledger,
    speed,
    year_end,
)
from tests.benchmarks.forecast.peers import PEERS
from tests.benchmarks.forecast.public_sets import SETS

PARTS = ("public", "year_end", "municipality", "effects", "scenarios", "speed", "ledger")


def main() -> None:
    """Run the parts in order."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("--parts", default=",".join(PARTS))
    asked.add_argument("--sets", default=",".join(SETS), help="public sets")
    asked.add_argument("--peers", default=",".join(PEERS), help="who stands beside the engine")
    asked.add_argument("--every", type=int, default=1, help="take every n-th public series")
    asked.add_argument("--children", type=int, default=4000, help="in a simulated municipality")
    asked.add_argument(
        "--municipalities",
        type=int,
        default=20,
        help="simulated, for fiscal years and known effects",
    )
    asked.add_argument("--sizes", default="30,2000", help="portfolios whose speed is measured")
    asked.add_argument("--workers", type=int, default=1)
    asked.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    chosen = asked.parse_args()
    console = Console(width=160)
    workers, ledgers = chosen.workers, chosen.folder / "ledgers"
    parts = {
        "public": lambda: public.run(
            console,
            chosen.folder,
            chosen.sets.split(","),
            [name for name in chosen.peers.split(",") if name],
            chosen.every,
            workers,
        ),
        "year_end": lambda: year_end.run(
            console, chosen.municipalities, chosen.children, ledgers, workers
        ),
        "municipality": lambda: municipality.run(
            console, (chosen.children,), (1, 2), 3, engine=True, folder=chosen.folder
        ),
        "effects": lambda: known_effects.run(
            console, chosen.municipalities, chosen.children, ledgers, workers
        ),
        "scenarios": lambda: known_scenarios.run(
            console, chosen.municipalities, chosen.children, ledgers
        ),
        "speed": lambda: speed.run(console, tuple(map(int, chosen.sizes.split(",")))),
        "ledger": lambda: real_ledger.run(console, chosen.folder),
    }
    wanted = chosen.parts.split(",")
    if unknown := set(wanted) - set(parts):
        sys.exit(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    for name in wanted:
        parts[name]()


if __name__ == "__main__":
    main()
