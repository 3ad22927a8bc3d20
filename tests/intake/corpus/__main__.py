"""`make corpus`: every delivery of the corpus and what became of it, as a table.

Belongs here: printing. Does not: making and loading (delivery), what should be (corpus.yml).
"""

import sys
import tempfile
from pathlib import Path

from orchestration.intake.accounts import Chart
from tests.intake.conftest import FUNCTIONS
from tests.intake.corpus.delivery import cases, files_of, load_case


def main() -> None:
    """Print one line a delivery: name, what is nasty, files, state, counts, rules."""
    chart = Chart.from_csv(FUNCTIONS)
    write = sys.stdout.write
    write("| delivery | what is nasty | files | state | read = loaded + rejected + superseded")
    write(" + out of scope | rules |\n| --- | --- | --- | --- | --- | --- |\n")
    for name, case in cases().items():
        with tempfile.TemporaryDirectory() as folder:
            outcome = load_case(case, Path(folder), chart)
        write(f"| {name} | {case['about']} | {', '.join(files_of(case))} | {outcome.row()} |\n")
        sys.stdout.flush()


main()
