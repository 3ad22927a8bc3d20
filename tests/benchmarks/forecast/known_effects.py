"""Initiatives whose effect is known: does the 90 % interval hold it, is it seen, is nothing seen?

What belongs here: simulated municipalities whose ledger is cut by a known share in one measure type
from a known month (or by nothing), and what `effects.effect` says of it a year later. What does
not: the simulator's own initiatives, which change who is placed and not only what is paid.
"""

import random
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from forecasting.effects import SAVES, UNKNOWN, before, effect
from forecasting.series import ForecastSettings
from forecasting.settings import YEAR
from orchestration.intake.delivery import writer
from orchestration.intake.simulation import SimulationRequest, simulate

SHARES = (0.0, 0.1, 0.2, 0.4)
_LARGEST = 6
"""The initiative is about one of so many measure types, by what they cost."""
_FIRST, _LAST = date(2019, 1, 1), date(2026, 10, 1)
_START = pd.Timestamp("2025-11-01")


@dataclass(frozen=True)
class Found:
    """What was said of one municipality's initiative after a year."""

    share: float
    held: bool
    verdict: str


def ledger(folder: Path, children: int, seed: int) -> pd.DataFrame:
    """measure_type, series_id, month, value: what was posted on each measure type."""
    request = SimulationRequest(children=children, first_month=_FIRST, last_month=_LAST, seed=seed)
    simulate(request, folder, writer([], folder), lambda *_: None)
    text = {"measure_id": str, "posting_id": str}
    postings = pd.read_csv(folder / "finance" / "postings.csv", dtype=text, low_memory=False)
    matches = pd.read_csv(folder / "truth" / "matches.csv", dtype=text)
    measures = pd.read_csv(folder / "cases" / "measures.csv", dtype=str)
    kinds = measures.set_index("measure_id")["measure_type"]
    measure = matches.set_index("posting_id")["measure_id"].groupby(level=0).first()
    posted = postings.assign(
        measure_type=postings["posting_id"].map(measure).map(kinds).fillna("other"),
        month=pd.to_datetime(postings["posting_date"]).dt.to_period("M").dt.to_timestamp(),
    )
    sums = posted.groupby(["measure_type", "month"])["amount"].sum().rename("value").reset_index()
    return sums.assign(series_id=sums["measure_type"])


def one_municipality(children: int, seed: int) -> list[Found]:
    """The same municipality with every share, the initiative in one of its largest types."""
    with tempfile.TemporaryDirectory() as folder:
        table = ledger(Path(folder), children, seed)
    known = table[table["month"] < _START]
    size = known[known["measure_type"] != "other"].groupby("measure_type")["value"].sum()
    target = random.Random(seed).choice(size.nlargest(_LARGEST).index.tolist())
    touched = (table["measure_type"] == target) & (table["month"] >= _START)
    others = {str(kind): [str(kind)] for kind in size.index if kind != target}
    settings = ForecastSettings()
    found = []
    for share in SHARES:
        cut = table.assign(value=table["value"].where(~touched, table["value"] * (1 - share)))
        history = cut[["series_id", "month", "value"]]
        last = effect(before(history, _START, settings, 1), [target], others).iloc[YEAR - 1]
        truth = -share * float(table.loc[touched, "value"].sum())
        held = bool(last["cumulative_p05"] <= truth <= last["cumulative_p95"])
        found.append(Found(share, held, str(last["verdict"])))
    return found


def run(
    console: Console, municipalities: int = 200, children: int = 2000, workers: int = 1
) -> None:
    """One row per share that was saved."""
    seeds = range(1, municipalities + 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        told = list(pool.map(partial(one_municipality, children), seeds))
    title = f"Known effects after a year: {municipalities} municipalities of {children} children"
    table = Table(title=title)
    for heading in ("saved", "90 % interval held", "told as a saving", "told as a cost", "not yet"):
        table.add_column(heading, justify="right")
    for share in SHARES:
        rows = [one for found in told for one in found if one.share == share]
        verdicts = [one.verdict for one in rows]
        counts = (
            sum(one.held for one in rows),
            verdicts.count(SAVES),
            len(rows) - verdicts.count(SAVES) - verdicts.count(UNKNOWN),
            verdicts.count(UNKNOWN),
        )
        table.add_row(f"{share:.0%}", *(f"{100 * count / len(rows):.1f} %" for count in counts))
    console.print(table)
