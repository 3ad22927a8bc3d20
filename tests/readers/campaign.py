"""Readers on files and PostgreSQL while runs are published under them: `make readers`.

Belongs here: so many reads during so many publications, and the table of what was seen. Not here:
the ways of reading (looks), the versions that are published.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

import stamina.instrumentation
from rich.console import Console
from rich.table import Table

from tests.readers.looks import DATABASE, FILES, Readers, Seen
from tests.readers.versions import Publisher
from tests.servers.postgresql import PostgreSQL, binaries

_PAUSE = 0.01


def read_while_publishing(
    publisher: Publisher, kinds: list[str], where: str, reads: int, publications: int
) -> dict[str, Seen]:
    """What readers of these kinds see in so many reads, evenly spread over the publications."""
    publisher.publish(1)
    context = multiprocessing.get_context("spawn")
    with Readers(context, kinds, where) as readers:
        for number in range(publications):
            _wait(readers, reads * number // publications + 1)
            publisher.publish(2 + number)
        _wait(readers, reads)
    return readers.seen


def _wait(readers: Readers, reads: int) -> None:
    while readers.reads < reads:
        time.sleep(_PAUSE)


def on_files(home: Path, reads: int, publications: int) -> dict[str, Seen]:
    """Readers of the published folder."""
    publisher = Publisher(home)
    where = str(publisher.published / "current")
    return read_while_publishing(publisher, list(FILES), where, reads, publications)


def on_database(home: Path, url: str, reads: int, publications: int) -> dict[str, Seen]:
    """Readers of a PostgreSQL."""
    publisher = Publisher(home, url)
    return read_while_publishing(publisher, list(DATABASE), url, reads, publications)


def measured_table(seen: dict[str, Seen]) -> Table:
    """What each kind of reader saw."""
    table = Table(title="Reads while runs are published")
    names = ("reader", "reads", "whole", "of versions", "halves", "errors", "longest, s")
    for name in names:
        table.add_column(name, justify="left" if name == "reader" else "right")
    for kind, one in seen.items():
        whole = sum(one.versions.values())
        counts = (one.reads, whole, len(one.versions), len(one.halves), len(one.errors))
        table.add_row(kind, *map(str, counts), f"{one.worst:.2f}")
    return table


def main() -> int:
    """Print the table; 1 where anything but a whole version was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reads", type=int, default=100_000, help="on files, and on PostgreSQL")
    parser.add_argument("--publications", type=int, default=20)
    given = parser.parse_args()
    # Publishing waits for a pause between readers, who make none here; that is not told each time.
    stamina.instrumentation.set_on_retry_hooks([])
    with tempfile.TemporaryDirectory(prefix="readers-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        seen = on_files(folder, given.reads, given.publications)
        if binaries() is None:
            sys.stderr.write("PostgreSQL is not installed: files alone\n")
        else:
            server = PostgreSQL.create(folder / "postgresql")
            server.start()
            try:
                (folder / "second").mkdir()
                second = folder / "second"
                seen |= on_database(second, server.url, given.reads, given.publications)
            finally:
                server.stop()
    Console().print(measured_table(seen))
    for kind, one in seen.items():
        for fault in [*one.halves[:3], *one.errors[:3]]:
            sys.stdout.write(f"{kind}: {fault}\n")
    return 1 if any(one.halves or one.errors for one in seen.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
