"""The simulator across processes and sizes: same bytes, same first block, bounded memory."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from orchestration.intake.simulation import SimulationRequest, simulate

ROOT = Path(__file__).parents[2]
_RUN = """
import hashlib, sys
from datetime import date
from pathlib import Path
import psutil
from orchestration.intake.simulation import SimulationRequest, simulate
children, out = int(sys.argv[1]), Path(sys.argv[2])
simulate(SimulationRequest(children, date(2018, 11, 1), date(2019, 1, 1)), out)
digest = hashlib.sha256()
for path in sorted(out.rglob("*.csv")):
    digest.update(path.read_bytes())
info = psutil.Process().memory_info()
if hasattr(info, "peak_wset"):
    peak = info.peak_wset
else:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(digest.hexdigest(), peak)
"""


def run(children: int, out: Path) -> tuple[str, int]:
    """Digest of the CSV files and peak memory of a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(children), str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    digest, peak = done.stdout.split()
    return digest, int(peak)


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    assert run(1_200, tmp_path / "one")[0] == run(1_200, tmp_path / "two")[0]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_children(tmp_path: Path) -> None:
    small, large = run(20_000, tmp_path / "small")[1], run(60_000, tmp_path / "large")[1]
    assert large / small < 1.5


def test_a_larger_municipality_begins_with_the_same_children(tmp_path: Path) -> None:
    months = date(2018, 11, 1), date(2019, 1, 1)
    for children in (5_000, 7_000):
        simulate(SimulationRequest(children, *months), tmp_path / str(children))
    for name in ("cases/children", "cases/measures", "cases/cases", "finance/postings"):
        small, large = (
            pd.read_csv(tmp_path / str(n) / f"{name}.csv", dtype=str) for n in (5_000, 7_000)
        )
        # What concerns the whole municipality stands at the end and follows its size.
        if name == "finance/postings":
            small = small[~small["posting_id"].str.startswith("PX")]
        pd.testing.assert_frame_equal(small, large.head(len(small)))
