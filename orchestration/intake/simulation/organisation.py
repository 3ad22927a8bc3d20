"""Providers and caseworkers of one block.

What belongs here: who delivers measures and who handles cases, and their history. What does not:
which child gets which measure.
"""

from dataclasses import dataclass
from datetime import date
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from orchestration.intake.simulation.log import EventLog
from orchestration.intake.simulation.months import NO_DAY, day_number, day_text
from orchestration.intake.simulation.parameters import LEVEL_START, Parameters
from orchestration.intake.simulation.policy import Policy
from orchestration.intake.simulation.types import Floats, Ints, Texts

FULL_BLOCK = 5000
OWNERS = ("own", "municipality", "region", "private", "network")


@dataclass(frozen=True)
class Providers:
    """The block's providers; those of one type stand together, cheapest first.

    `first`, `count`: where each measure type's pool lies. `owner`: position in OWNERS.
    """

    id: Texts
    cvr: Texts
    owner: Ints
    kind: Ints
    yearly: Floats
    names: list[str]
    places: list[tuple[str, str]]
    first: Ints
    count: Ints


def make_providers(p: Parameters, texts: dict[str, Any], block: int, children: int) -> Providers:
    """Pools in proportion to the block's size; no randomness."""
    ids: list[str] = []
    cvrs: list[str | None] = []
    owners: list[int] = []
    kinds: list[int] = []
    yearly: list[float] = []
    names: list[str] = []
    places: list[tuple[str, str]] = []
    first: list[int] = []
    count: list[int] = []
    for kind, (key, spec) in enumerate(p["types"].items()):
        n = int(np.ceil(spec["providers"] * children / FULL_BLOCK)) if spec["providers"] else 0
        first.append(len(ids))
        count.append(n)
        described = texts["providers"].get(key, texts["providers"]["default"])
        for i in range(n):
            quantile = (i + 0.5) / n
            owner = _owner(described["owners"], quantile)
            serial = len(ids)
            ids.append(f"L{block:03d}-{serial:04d}")
            cvrs.append(_cvr(spec["account"], owner, block, serial))
            owners.append(OWNERS.index(owner))
            kinds.append(kind)
            names.append(_name(texts, described["name"], serial))
            places.append(_place(p, texts, owner, serial))
            z = NormalDist().inv_cdf(quantile)
            spread = float(np.exp(spec["sigma"] * z - spec["sigma"] ** 2 / 2))
            yearly.append(spec["yearly"] * spread)
    return Providers(
        np.array(ids, dtype=object),
        np.array(cvrs, dtype=object),
        np.array(owners, dtype=np.int64),
        np.array(kinds, dtype=np.int64),
        np.array(yearly),
        names,
        places,
        np.array(first),
        np.array(count),
    )


def _owner(shares: dict[str, float], quantile: float) -> str:
    reached = 0.0
    for owner, share in shares.items():
        reached += share
        if quantile < reached:
            return owner
    return owner


def _cvr(account: str, owner: str, block: int, serial: int) -> str | None:
    """Companies have a number, families do not; 99 begins no real one."""
    if account.startswith("52822"):
        return None
    return "99000000" if owner == "own" else f"99{block:03d}{serial % 1000:03d}"


def _name(texts: dict[str, Any], kind: str, serial: int) -> str:
    places = texts["place_names"]
    lap = serial // len(places)
    return f"{kind} {places[serial % len(places)]}" + (f" {lap + 1}" if lap else "")


def _place(p: Parameters, texts: dict[str, Any], owner: str, serial: int) -> tuple[str, str]:
    """Municipality and postal code: own units at home, private ones half of the time."""
    here = owner in ("own", "network") or (owner == "private" and serial % 2 == 0)
    if here:
        districts = p["population"]["districts"]
        return p.request.municipality_code, districts[serial % len(districts)]["postal_code"]
    others = [c for c in texts["other_municipalities"] if c != p.request.municipality_code]
    codes = texts["other_postal_codes"]
    return others[serial % len(others)], codes[serial % len(codes)]


def choose_provider(p: Parameters, providers: Providers, kind: Ints, rate: Floats) -> Ints:
    """Position of the provider whose price bracket the rate falls in; -1 where there is none."""
    sigma, yearly = p.type_values("sigma")[kind], p.type_values("yearly")[kind]
    z = (np.log(rate / yearly) + sigma**2 / 2) / sigma
    # A logistic curve stands close enough to the normal one to spread rates over the pool.
    quantile = 1.0 / (1.0 + np.exp(-1.702 * z))
    count = providers.count[kind]
    slot = np.minimum((quantile * count).astype(np.int64), count - 1)
    return np.asarray(np.where(count > 0, providers.first[kind] + slot, -1))


def providers_frame(p: Parameters, providers: Providers) -> pd.DataFrame:
    """Rows of `providers`: one per price period (each year; foster types change in mid-2019)."""
    reform = p["foster_reform"]
    new_types = [p.type_index(key) for key in reform["new_types"]]
    years = range(p.request.first_month.year, p.request.last_month.year + 1)
    starts = [(y, day_number(date(y, 1, 1)), day_number(date(y, 12, 31))) for y in years]
    split = day_number(reform["date"])
    frames = []
    keys = np.array(p.type_keys, dtype=object)
    common = np.isin(providers.kind, new_types)
    for year, start, end in starts:
        divided = common & (start < split <= end)
        code = np.where(common & (start < split), reform["old_type"], keys[providers.kind])
        frames.append(_period(p, providers, code, year, start, np.where(divided, split - 1, end)))
        rows = np.flatnonzero(divided)
        if rows.size:
            again = _period(
                p, providers, keys[providers.kind], year, split, np.full(code.size, end)
            )
            frames.append(again.iloc[rows])
    out = pd.concat(frames, ignore_index=True)
    # The newest price holds until it is replaced.
    newest = out["valid_to"] == max(out["valid_to"])
    out.loc[newest, "valid_to"] = None
    return out.sort_values(["provider_id", "valid_from"], kind="stable", ignore_index=True)


def _period(
    p: Parameters, providers: Providers, code: Texts, year: int, start: int, end: Ints
) -> pd.DataFrame:
    level = p.type_level[providers.kind, year - LEVEL_START]
    rate = np.round(providers.yearly * level / 365, 2)
    n = providers.id.size
    return pd.DataFrame(
        {
            "provider_id": providers.id,
            "name": providers.names,
            "cvr": providers.cvr,
            "ownership": np.array(OWNERS, dtype=object)[providers.owner],
            "measure_type": code,
            "municipality_code": [place[0] for place in providers.places],
            "postal_code": [place[1] for place in providers.places],
            "daily_rate": np.array([f"{r:.2f}" for r in rate], dtype=object),
            "valid_from": day_text(np.full(n, start)),
            "valid_to": day_text(np.asarray(end)),
        }
    )


@dataclass(frozen=True)
class Caseworkers:
    """Employment periods (one row each) and what each team's month costs.

    `frame`: the rows of `caseworkers` with day numbers `start`, `end` and `slot`. `fte`: full-time
    equivalents per (team, month of the axis).
    """

    frame: pd.DataFrame
    teams: list[str]
    team_slots: list[Ints]
    fte: Floats


def make_caseworkers(
    p: Parameters, policy: Policy, log: EventLog, team_of_case: Ints, block: int, seed: Any
) -> Caseworkers:
    """Staff every team so that cases per full-time post follow the policy's caseload."""
    rng = np.random.default_rng(seed)
    spec, cases = p["caseworkers"], log.cases()
    labels = [f"{name} {block + 1}" for name in spec["teams"].values()]
    end_day = p.cut_day
    rows: list[dict[str, Any]] = []
    team_slots, number = [], 0
    fte = np.zeros((len(labels), p.axis.length))
    for team in range(len(labels)):
        open_cases = _open_cases(p, cases[team_of_case == team])
        posts = np.ceil(open_cases / policy.caseload / float(_mean_fte(spec)) - 0.25)
        posts = np.maximum(np.maximum.accumulate(_smooth(posts)), 1).astype(int)
        slots = []
        for slot in range(int(posts[: p.last + 1].max())):
            begins = int(p.axis.first_day[int(np.argmax(posts > slot))])
            slots.append(number)
            rows += _history(spec, rng, block, number, labels[team], begins, end_day)
            number += 1
        team_slots.append(np.array(slots))
        for row in (r for r in rows if r["team"] == labels[team]):
            present = (p.axis.first_day >= row["start"] - 15) & (p.axis.first_day <= row["end"])
            fte[team] += present * row["fte_value"]
        fte[team, p.last + 1 :] = fte[team, p.last] * (
            policy.caseload[p.last] / policy.caseload[p.last + 1 :]
        )
    return Caseworkers(pd.DataFrame(rows), labels, team_slots, fte)


def _mean_fte(spec: dict[str, Any]) -> float:
    return float(sum(value * share for value, share in spec["fte"].items()))


def _open_cases(p: Parameters, cases: pd.DataFrame) -> Floats:
    """Open cases at the start of each month of the axis."""
    opened = np.sort(cases["opened"].to_numpy())
    closed = cases["closed"].to_numpy()
    closed = np.sort(closed[closed > NO_DAY])
    day = p.axis.first_day
    return np.asarray(np.searchsorted(opened, day) - np.searchsorted(closed, day), dtype=float)


def _smooth(values: Floats) -> Floats:
    """Mean of the last three years, so that posts do not follow every case."""
    total = np.cumsum(np.r_[np.zeros(1), values])
    end = np.arange(1, values.size + 1)
    start = np.maximum(end - 36, 0)
    return np.asarray(np.round((total[end] - total[start]) / (end - start)))


def _history(
    spec: dict[str, Any],
    rng: np.random.Generator,
    block: int,
    slot: int,
    team: str,
    begins: int,
    end_day: int,
) -> list[dict[str, Any]]:
    """One post from its first day to the cut: people come and go, some change their hours."""
    rows: list[dict[str, Any]] = []
    values = np.array(list(spec["fte"]), dtype=float)
    shares = np.array(list(spec["fte"].values()), dtype=float)
    day, person = begins, 0
    while day <= end_day:
        length = int(max(120, rng.exponential(float(spec["tenure_years"]) * 365.25)))
        last = day + length - 1
        changes = length > 900 and rng.random() < 0.35
        middle = day + length // 2 if changes else last + 1
        for start, end in ((day, middle - 1), (middle, last)):
            if start <= end and start <= end_day:
                fte = float(rng.choice(values, p=shares / shares.sum()))
                rows.append(
                    {
                        "caseworker_id": f"S{block:03d}-{slot:03d}-{person:02d}",
                        "team": team,
                        "fte_value": fte,
                        "start": start,
                        "end": end,
                        "slot": slot,
                    }
                )
        day, person = last + 1, person + 1
    return rows


def caseworkers_frame(p: Parameters, workers: Caseworkers) -> pd.DataFrame:
    """Rows of `caseworkers`; who is still there at the cut has no valid_to."""
    rows = workers.frame[workers.frame["end"] >= p.first_day]
    end = rows["end"].to_numpy()
    return pd.DataFrame(
        {
            "caseworker_id": rows["caseworker_id"].to_numpy(),
            "team": rows["team"].to_numpy(),
            "fte": np.array([f"{v:.2f}" for v in rows["fte_value"]], dtype=object),
            "valid_from": day_text(rows["start"].to_numpy()),
            "valid_to": day_text(np.where(end > p.cut_day, NO_DAY, end)),
        }
    )


def worker_on(workers: Caseworkers, slot: Ints, day: Ints) -> Texts:
    """Who held each post on each day."""
    frame = workers.frame.sort_values(["slot", "start"], kind="stable")
    key = frame["slot"].to_numpy() * 10**6 + frame["start"].to_numpy() + 10**5
    position = np.searchsorted(key, slot * 10**6 + day + 10**5, side="right") - 1
    ids: Texts = frame["caseworker_id"].to_numpy()
    return np.asarray(ids[position.clip(0)])
