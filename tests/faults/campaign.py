"""The whole campaign: `python -m tests.faults.campaign --kills 40`, by `make faults`.

What belongs here: running every fault and printing the table. What does not: the faults.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults.faults import all_faults
from tests.faults.kills import killed, moments
from tests.faults.stage import Stage, make_stage
from tests.faults.trial import Row, markdown, try_fault
from tests.servers.postgresql import PostgreSQL, binaries


def main() -> int:
    """Run what was asked for; 1 where a trial did not pass."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="faults-") as made:
        folder = options.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        cluster = folder / "postgresql"
        opened = PostgreSQL.reopen if cluster.is_dir() else PostgreSQL.create
        server = opened(cluster) if binaries() else None
        if server:
            server.start()
        try:
            stage = make_stage(folder / "stage", server)
            rows = _run(stage, options)
        finally:
            if server:
                server.stop()
    sys.stdout.write(markdown(rows) + "\n")
    failed = [row for row in rows if not row.passed]
    sys.stdout.write(f"\n{len(rows) - len(failed)} passed, {len(failed)} failed\n")
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--skip", type=int, default=0, help="so many of the kills are done")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lanes", type=int, default=1, help="trials at the same time")
    parser.add_argument("--faults", default="all", help="all, none, or names with commas")
    parser.add_argument("--folder", type=Path, help="kept, where one wants to look at it")
    return parser.parse_args()


def _run(stage: Stage, options: argparse.Namespace) -> list[Row]:
    chosen = moments(options.kills, options.seed) if options.kills else []
    faults = all_faults(stage, options.seed)
    wanted = {"all": list(faults), "none": []}.get(options.faults, options.faults.split(","))
    kills = [killed(stage, moment, number) for number, moment in enumerate(chosen)]
    with ThreadPoolExecutor(options.lanes) as lanes:
        rows = list(lanes.map(lambda fault: _told(try_fault(stage, fault)), kills[options.skip :]))
    # One after the other: some of them end the server that all trials share.
    rows += [_told(try_fault(stage, faults[name])) for name in wanted]
    return rows


def _told(row: Row) -> Row:
    """The row, shown while the campaign runs: it takes an hour."""
    sys.stderr.write("\t".join(row.cells()) + "\n")
    sys.stderr.flush()
    return row


if __name__ == "__main__":
    sys.exit(main())
