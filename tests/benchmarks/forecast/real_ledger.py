"""A real council's children's services, forecast a year ahead by the command anyone may use.

What belongs here: the public ledger beside the checkout as monthly series, `raaderum forecast` on
all but its last year, a table of what came and a picture. What does not: the path through intake
and warehouse (tests/end_to_end/test_real_ledger). Skips where the ledger is not there.
"""

import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pandas as pd
import vl_convert
from rich.console import Console
from rich.table import Table

from forecasting.baselines import BASELINES, baselines
from forecasting.settings import YEAR
from tests.faults.stage import raaderum

ARCHIVE = Path(__file__).parents[4] / "shared" / "data" / "real-ledger-2017-04_2022-03.tar.xz"
AREA = "Children's Services"
_LARGEST = 12
REST = "all other types"


def monthly() -> pd.DataFrame:
    """series_id, month, value: the twelve largest expense types by name, and the rest together."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
        rows = pd.concat(pd.read_csv(path, dtype=str) for path in Path(folder).rglob("*.csv"))
    ours = rows[rows["Expense Area"] == AREA]
    table = pd.DataFrame(
        {
            "series_id": ours["Expense Type"].str.strip(),
            "month": pd.to_datetime(ours["Date"].str[:7] + "-01"),
            "value": pd.to_numeric(ours["Amount"]),
        }
    )
    before = table[table["month"] < table["month"].max() - pd.DateOffset(months=YEAR - 1)]
    named = before.groupby("series_id")["value"].sum().nlargest(_LARGEST).index
    table["series_id"] = table["series_id"].where(table["series_id"].isin(named), REST)
    return table.groupby(["series_id", "month"], as_index=False)["value"].sum()


def command(history: pd.DataFrame) -> pd.DataFrame:
    """What `raaderum forecast` writes for a year ahead."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder) / "in.csv", Path(folder) / "out.csv"
        history.to_csv(asked, index=False)
        subprocess.run(
            [
                *(raaderum(), "forecast", "--input", str(asked)),
                *("--horizon", str(YEAR), "--out", str(answer)),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return pd.read_csv(answer, parse_dates=["month"])


def picture(table: pd.DataFrame, told: pd.DataFrame, path: Path) -> None:
    """History, forecast and its 80 % band of each series, as a PNG."""
    ahead, known = {"filter": "datum.kind == 'ahead'"}, {"filter": "datum.kind == 'known'"}
    marks = [
        {
            "transform": [ahead],
            "mark": {"type": "area", "opacity": 0.25},
            "encoding": {"y2": {"field": "p90"}},
        },
        {"transform": [ahead], "mark": {"type": "line", "strokeDash": [5, 3]}, "encoding": {}},
        {"transform": [known], "mark": {"type": "line", "color": "black"}, "encoding": {}},
    ]
    for mark, field in zip(marks, ("p10", "mean", "value"), strict=True):
        mark["encoding"]["y"] = {"field": field, "type": "quantitative", "title": None}
        mark["encoding"]["x"] = {"field": "month", "type": "temporal", "title": None}
    both = pd.concat([table.assign(kind="known"), told.assign(kind="ahead")])
    rows = json.loads(both.assign(month=both["month"].astype(str)).to_json(orient="records"))
    spec = {
        "data": {"values": rows},
        "facet": {"field": "series_id", "type": "nominal", "columns": 3, "title": None},
        "spec": {"width": 260, "height": 120, "layer": marks},
        "columns": 3,
        "resolve": {"scale": {"y": "independent"}},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(vl_convert.vegalite_to_png(spec, scale=1))


def run(console: Console, folder: Path) -> None:
    """The table of the held-out year, and the picture."""
    if not ARCHIVE.is_file():
        console.print(f"skipped: the public ledger is not at {ARCHIVE.name} beside the checkout")
        return
    table = monthly()
    end = table["month"].max() - pd.DateOffset(months=YEAR)
    history = table[table["month"] <= end]
    told = command(history)
    picture(table, told, folder / "real-ledger.png")
    shown = Table(title=f"The year after {end:%Y-%m}, in thousand pounds; inside = months in 80 %")
    headings = ("series", "came", "forecast", *BASELINES, "inside")
    for heading in headings:
        shown.add_column(heading, justify="left" if heading == "series" else "right")
    months = pd.date_range(table["month"].min(), table["month"].max(), freq="MS")
    wide = table.pivot(index="month", columns="series_id", values="value").reindex(months).fillna(0)
    sums = dict.fromkeys((*BASELINES, "forecast"), 0.0)
    for name in wide.columns:
        past, came = wide.loc[:end, name].to_numpy(float), wide.loc[end:, name].iloc[1:]
        ours = told[told["series_id"] == name].set_index("month").reindex(came.index)
        rules = {rule: float(path.sum()) for rule, path in baselines(past, end.month, YEAR).items()}
        values = {"forecast": float(ours["mean"].sum()), **rules}
        for key, value in values.items():
            sums[key] += abs(value - float(came.sum()))
        inside = int(((ours["p10"] <= came) & (came <= ours["p90"])).sum())
        cells = [f"{value / 1000:,.0f}" for value in (came.sum(), *values.values())]
        shown.add_row(str(name), *cells, f"{inside}/12")
    total = float(wide.loc[end:].iloc[1:].to_numpy().sum())
    errors = [f"{100 * sums[key] / total:.1f} %" for key in ("forecast", *BASELINES)]
    shown.add_section()
    shown.add_row("error of the year, WAPE", "", *errors, "")
    console.print(shown, folder / "real-ledger.png")
