"""What goes wrong between an invoice and the ledger, and the ledger's own rows.

What belongs here: the errors declared in dirt.yml, applied to lines, and the rows and truth that
come out. What does not: any rate.
"""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from orchestration.intake.simulation.accounts import (
    OWNERSHIP_DIGIT,
    account_of_type,
    art_of,
    composite9,
    prisme,
    string16,
)
from orchestration.intake.simulation.months import day_number, day_text, month_start
from orchestration.intake.simulation.organisation import OWNERS, Providers
from orchestration.intake.simulation.parameters import Parameters
from orchestration.intake.simulation.population import only_where
from orchestration.intake.simulation.prices import money_text
from orchestration.intake.simulation.types import Bools, Floats, Texts

_NOBODY = np.array([None], dtype=object)  # stands behind position -1


def soil(p: Parameters, lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Invoices as they reach the ledger: late, prepaid, corrected, wrongly accounted, collected.

    Adds `invalid` (account with transposed digits) and `group` (rows that one posting covers).
    Whatever is booked outside the exported years or after the cut is left out.
    """
    lines = lines.reset_index(drop=True)
    lines["invalid"], lines["group"] = False, -1
    normal = (lines["kind"] == "invoice").to_numpy()
    u = rng.random(len(lines))
    edges = np.cumsum(
        [
            p.dirt[k]["rate"]
            for k in ("late_invoice", "correction", "wrong_account", "invalid_account")
        ]
    )
    late = normal & (u < edges[0])
    corrected = normal & (u >= edges[0]) & (u < edges[1])
    wrong = normal & (u >= edges[1]) & (u < edges[2])
    invalid = normal & (u >= edges[2]) & (u < edges[3])
    _make_late(p, lines, late, rng)
    _prepay(p, lines, normal & (u >= edges[3]), rng)
    lines.loc[wrong, "account"] = _other_accounts(p, lines[wrong], rng)
    lines.loc[wrong, "kind"] = "wrong_account"
    lines.loc[invalid, "invalid"] = True
    lines.loc[invalid, "kind"] = "invalid_account"
    _collect(p, lines, rng)
    lines = pd.concat([lines, _correct(p, lines, corrected, rng)], ignore_index=True)
    first_year = p.request.first_month.year
    in_time = (lines["day"] >= p.first_day) | (lines["period"] == 0)
    kept = in_time & (lines["day"] <= p.cut_day) & (lines["year"] >= first_year)
    return lines[kept].reset_index(drop=True)


def _rebook(p: Parameters, lines: pd.DataFrame, rows: Bools, months: Any, rng: Any) -> None:
    """Move booking so many months on; what crosses the year may fall in period 13."""
    index = p.axis.index[lines.loc[rows, "t"].to_numpy()] + months
    old_year = lines.loc[rows, "year"].to_numpy()
    day = month_start(index) + (rng.random(index.size) * 25).astype(np.int64)
    year, month = index // 12 + 1970, index % 12
    spec = p.dirt["supplement"]
    supplement = (year == old_year + 1) & (month < spec["months"])
    supplement &= rng.random(index.size) < spec["rate"]
    lines.loc[rows, "day"] = day
    lines.loc[rows, "year"] = np.where(supplement, old_year, year)
    lines.loc[rows, "period"] = np.where(supplement, 13, month + 1)


def _make_late(p: Parameters, lines: pd.DataFrame, late: Bools, rng: np.random.Generator) -> None:
    low, high = p.dirt["late_invoice"]["months"]
    months = rng.integers(low, high + 1, int(late.sum()))
    lines.loc[late, "kind"] = "late"
    _rebook(p, lines, late, months, rng)
    supplement = late & (lines["period"] == 13).to_numpy()
    lines.loc[supplement, "kind"] = "supplement"


def _prepay(p: Parameters, lines: pd.DataFrame, able: Bools, rng: np.random.Generator) -> None:
    january = able & (p.axis.month[lines["t"].to_numpy()] == 0)
    chosen = january & (rng.random(len(lines)) < p.dirt["prepaid"]["rate"])
    first = p.axis.first_day[lines.loc[chosen, "t"].to_numpy()]
    lines.loc[chosen, "day"] = first - 1 - rng.integers(0, 12, int(chosen.sum()))
    lines.loc[chosen, "period"] = 0
    lines.loc[chosen, "kind"] = "prepaid"


def _other_accounts(p: Parameters, lines: pd.DataFrame, rng: np.random.Generator) -> Texts:
    """Another account of that year's chart for each; one in two stays within its function."""
    kinds = np.arange(len(p.type_keys))
    chart = {
        year: sorted(
            set(account_of_type(p, kinds, np.full(kinds.size, day_number(date(year, 1, 1)))))
        )
        for year in sorted(set(lines["year"].tolist()))
    }
    account, years = lines["account"].to_numpy(), lines["year"].tolist()
    out = np.empty(account.size, dtype=object)
    u = rng.random((account.size, 2))
    for i, own in enumerate(account):
        known = chart[years[i]]
        near = [a for a in known if a[:5] == own[:5] and a != own]
        others = near if near and u[i, 0] < 0.5 else [a for a in known if a != own]
        out[i] = others[int(u[i, 1] * len(others))]
    return out


def _collect(p: Parameters, lines: pd.DataFrame, rng: np.random.Generator) -> None:
    """Some months an own provider's prevention is booked in one row for all children."""
    own = (lines["owner"] == OWNERS.index("own")) & (lines["kind"] == "invoice")
    able = (own & (lines["label"] == "prevention")).to_numpy()
    rows = lines.loc[able, ["provider", "t", "account"]]
    group = rows.groupby(["provider", "t", "account"], sort=True).ngroup().to_numpy()
    if not group.size:
        return
    chosen = rng.random(int(group.max()) + 1) < p.dirt["collective_invoice"]["rate"]
    lines.loc[able, "group"] = np.where(chosen[group], group, -1)
    collected = (lines["group"] >= 0).to_numpy()
    last = p.axis.first_day[lines.loc[collected, "t"].to_numpy()] + 27
    lines.loc[collected, "day"] = last
    lines.loc[collected, ["kind", "label"]] = "collective_invoice"


def _correct(
    p: Parameters, lines: pd.DataFrame, rows: Bools, rng: np.random.Generator
) -> pd.DataFrame:
    """Book a wrong amount first; the reversal and the right one are returned."""
    spec, n = p.dirt["correction"], int(rows.sum())
    right = lines.loc[rows, "amount"].to_numpy().copy()
    factor = rng.uniform(spec["factor"][0], spec["factor"][1], n)
    wrong = np.round(right * factor).astype(np.int64)
    lines.loc[rows, "amount"] = wrong
    lines.loc[rows, "kind"] = "correction_original"
    lines.loc[rows, "group"] = -1
    months = rng.integers(spec["months"][0], spec["months"][1] + 1, n)
    again = lines[rows].assign(label="correction").reset_index(drop=True)
    _rebook(p, again, np.ones(n, dtype=bool), months, rng)
    reversal = again.assign(kind="correction_reversal", amount=-wrong)
    return pd.concat([reversal, again.assign(kind="correction_rebooking", amount=right)])


def postings(
    p: Parameters,
    texts: dict[str, Any],
    lines: pd.DataFrame,
    cpr: Texts,
    measure_ids: Texts,
    providers: Providers,
    prefix: str,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of `postings` in the order they were booked, and the truth about each: posting_id,
    measure_id, service_month, kind, amount (a row per measure that a posting covers)."""
    lines = lines.sort_values(["day", "group"], kind="stable", ignore_index=True)
    alone = lines["group"].to_numpy() < 0
    key = np.where(alone, -1 - np.arange(len(lines)), lines["group"].to_numpy())
    number = pd.factorize(key)[0]
    ids = np.array(
        [f"{prefix}-{i:08d}" for i in range(int(number.max(initial=-1)) + 1)], dtype=object
    )
    measure = np.r_[measure_ids, _NOBODY][lines["measure"].to_numpy()]
    truth = _matches(p, lines, ids[number], measure)
    total = lines["amount"].groupby(number).sum().to_numpy()
    first = np.unique(number, return_index=True)[1]
    rows = lines.iloc[first].reset_index(drop=True)
    shown = measure[first].copy()
    u = rng.random((len(rows), 6))
    collected = rows["group"].to_numpy() >= 0
    hidden = collected | (u[:, 0] >= p.dirt["measure_id_present"]["rate"])
    shown[hidden | (rows["kind"].to_numpy() == "parental_payment")] = None
    known_cpr = np.r_[cpr, _NOBODY][rows["person"].to_numpy()]
    cvrs = np.r_[providers.cvr, _NOBODY][rows["provider"].to_numpy()]
    period = rows["period"].to_numpy().astype(str).astype(object)
    period[u[:, 2] < p.dirt["missing_period"]["rate"]] = None
    frame = pd.DataFrame(
        {
            "posting_id": ids,
            "posting_date": rows["day"].to_numpy().astype("datetime64[D]").astype(str),
            "period": period,
            "year": rows["year"].to_numpy().astype(str),
            "account": _accounts(p, rows, u[:, 3]),
            "amount": money_text(total),
            "cpr": _shown_cpr(p, rows, known_cpr, u[:, 1]),
            "cvr": cvrs,
            "measure_id": shown,
            "voucher": [f"B{y}-{i % 1_000_000}" for i, y in enumerate(rows["year"].tolist())],
            "text": _texts(p, texts, rows, known_cpr, u[:, 4], u[:, 5]),
        }
    )
    return frame, truth


def _matches(p: Parameters, lines: pd.DataFrame, ids: Texts, measure: Texts) -> pd.DataFrame:
    """Rows of truth/matches.csv."""
    service = p.axis.first_day[lines["t"].to_numpy()]
    return pd.DataFrame(
        {
            "posting_id": ids,
            "measure_id": measure,
            "service_month": day_text(service),
            "kind": lines["kind"].to_numpy(),
            "amount": money_text(lines["amount"].to_numpy()),
        }
    )


def _shown_cpr(p: Parameters, rows: pd.DataFrame, cpr: Texts, u: Floats) -> Texts:
    spec = p.dirt["missing_cpr"]
    own = rows["owner"].to_numpy() == OWNERS.index("own")
    missing = u < np.where(own, spec["own_provider_rate"], spec["rate"])
    return only_where(~missing & (rows["group"].to_numpy() < 0), cpr)


def _accounts(p: Parameters, rows: pd.DataFrame, u: Floats) -> Texts:
    """The account in one of its written forms; invalid ones with two digits swapped."""
    forms = p.dirt["account_forms"]
    art = rows["art"].to_numpy()
    owner = rows["owner"].to_numpy()
    art = np.where(art == "", art_of(rows["account"].to_numpy(), owner), art)
    out = np.empty(len(rows), dtype=object)
    columns = zip(rows["account"], rows["dranst"], owner, art, u, rows["invalid"], strict=True)
    for i, (account, dranst, who, a, draw, invalid) in enumerate(columns):
        if invalid:
            right = composite9(account, dranst)
            out[i] = right[0] + right[2] + right[1] + right[3:]
        elif draw < forms["string16"]:
            out[i] = string16(account, dranst, OWNERSHIP_DIGIT[int(who)], a)
        elif draw < forms["string16"] + forms["composite9"]:
            out[i] = composite9(account, dranst)
        else:
            out[i] = prisme(account, dranst, a)
    return out


def _texts(
    p: Parameters, texts: dict[str, Any], rows: pd.DataFrame, cpr: Texts, u: Floats, v: Floats
) -> Texts:
    """Posting texts; a few hold a CPR number, as real ones do."""
    labels = texts["postings"]
    month = p.axis.index[rows["t"].to_numpy()]
    out = np.empty(len(rows), dtype=object)
    rate, missing = p.dirt["cpr_in_text"]["rate"], p.dirt["missing_text"]["rate"]
    columns = zip(rows["label"], month.tolist(), cpr, u, v, strict=True)
    for i, (label, index, number, a, b) in enumerate(columns):
        text = f"{labels[label]} {index % 12 + 1:02d}-{index // 12 + 1970}"
        if number is not None and a < rate:
            text += f" vedr. {number[:6]}-{number[6:]}"
        out[i] = None if b < missing and a >= rate else text
    return out
