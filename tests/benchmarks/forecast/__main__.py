"""`make benchmark-forecast`: the parts that are asked for, one table each."""

import argparse
from pathlib import Path

from rich.console import Console

from tests.benchmarks.forecast import public
from tests.benchmarks.forecast.peers import PEERS
from tests.benchmarks.forecast.public_sets import SETS


def main() -> None:
    """Run the parts in order."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sets", default=",".join(SETS))
    asked.add_argument("--peers", default=",".join(PEERS))
    asked.add_argument("--every", type=int, default=1, help="take every n-th series")
    asked.add_argument("--workers", type=int, default=1)
    asked.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    chosen = asked.parse_args()
    peers = [name for name in chosen.peers.split(",") if name]
    console = Console(width=160)
    public.run(console, chosen.folder, chosen.sets.split(","), peers, chosen.every, chosen.workers)


if __name__ == "__main__":
    main()
