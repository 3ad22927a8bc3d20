"""Initiatives whose effect is known: does the 90 % interval hold it, is it seen, is nothing seen?

What belongs here: simulated municipalities whose ledger is cut by a known share in one measure type
from a known month (or by nothing), and what `effects.effect` says of it a year later: each of the
largest types in turn, from three starts a year apart, so that few ledgers make many cases (those of
one municipality are not independent). What does not: the simulator's own initiatives, which change
who is placed and not only what is paid.
"""

import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from forecasting.effects import SAVES, UNKNOWN, Before, before, effect
from forecasting.series import ForecastSettings
from forecasting.settings import YEAR
from orchestration.intake.delivery import writer
from orchestration.intake.simulation import SimulationRequest, simulate

SHARES = (0.0, 0.1, 0.2, 0.4)
LARGEST = 6
"""The initiative is about one of so many measure types, by what they cost."""
_FIRST, _LAST = date(2019, 1, 1), date(2026, 10, 1)
STARTS = tuple(map(pd.Timestamp, ("2023-11-01", "2024-11-01", "2025-11-01")))


@dataclass(frozen=True)
class Found:
    """What was said of one municipality's initiative after a year."""

    share: float
    held: bool
    verdict: str
    ever: bool
    """Whether anything was claimed in any month of the year."""


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


def kept_ledger(folder: Path, children: int, seed: int) -> pd.DataFrame:
    """The ledger from its file in `folder`, where it was simulated before."""
    keep = folder / f"{children}-{seed}.parquet"
    if not keep.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as made:
            ledger(Path(made), children, seed).to_parquet(keep)
    return pd.read_parquet(keep)


def one_municipality(folder: Path, children: int, seed: int) -> list[Found]:
    """The same municipality with every start, every one of its largest types and every share."""
    table = kept_ledger(folder, children, seed)
    found = []
    for start in STARTS:
        known = table[table["month"] < start]
        year = table[table["month"] < start + pd.DateOffset(years=1)]
        told = before(year[["series_id", "month", "value"]], start, ForecastSettings(), 1)
        size = known[known["measure_type"] != "other"].groupby("measure_type")["value"].sum()
        kinds = [str(kind) for kind in size.index]
        for target in map(str, size.nlargest(LARGEST).index):
            others = {kind: [kind] for kind in kinds if kind != target}
            found += [_found(told, target, others, share) for share in SHARES]
    return found


def _found(known: Before, target: str, others: dict[str, list[str]], share: float) -> Found:
    """What is said where the target's months since the start are cut by a share: nothing that came
    after the start reaches the forecast from before it."""
    came = {**known.came, target: known.came[target] * (1 - share)}
    told = effect(replace(known, came=came), [target], others)
    last = told.iloc[YEAR - 1]
    truth = -share * float(known.came[target].sum())
    held = bool(last["cumulative_p05"] <= truth <= last["cumulative_p95"])
    ever = bool((told["verdict"] != UNKNOWN).any())
    return Found(share, held, str(last["verdict"]), ever)


def run(
    console: Console, municipalities: int, children: int, folder: Path, workers: int = 1
) -> None:
    """One row per share that was saved. folder: the ledgers are kept there."""
    seeds = range(1, municipalities + 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        told = list(pool.map(partial(one_municipality, folder, children), seeds))
    cases = sum(map(len, told)) // len(SHARES)
    title = f"Known effects after a year: {cases} cases, {municipalities} of {children} children"
    table = Table(title=title)
    headings = ("saved", "90 % interval held", "told as a saving", "told as a cost", "not yet")
    for heading in (*headings, "claimed in some month"):
        table.add_column(heading, justify="right")
    for share in SHARES:
        rows = [one for found in told for one in found if one.share == share]
        verdicts = [one.verdict for one in rows]
        counts = (
            sum(one.held for one in rows),
            verdicts.count(SAVES),
            len(rows) - verdicts.count(SAVES) - verdicts.count(UNKNOWN),
            verdicts.count(UNKNOWN),
            sum(one.ever for one in rows),
        )
        table.add_row(f"{share:.0%}", *(f"{100 * count / len(rows):.1f} %" for count in counts))
    console.print(table)
