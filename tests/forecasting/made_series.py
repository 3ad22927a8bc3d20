"""Series whose truth is known, for the tests of this folder. No test is here."""

import numpy as np
import pandas as pd

FIRST = "2017-01-01"


def long_table(series: dict[str, np.ndarray], first: str = FIRST) -> pd.DataFrame:
    """series_id, month, value of arrays that all begin in month `first`."""
    parts = [
        pd.DataFrame(
            {
                "series_id": name,
                "month": pd.date_range(first, periods=len(values), freq="MS"),
                "value": np.asarray(values, dtype=float),
            }
        )
        for name, values in series.items()
    ]
    return pd.concat(parts, ignore_index=True)


def seasonal(
    count: int,
    months: int,
    seed: int,
    slope: float = 0.0,
    damping: float = 1.0,
    wander: float = 0.0,
) -> np.ndarray:
    """count x months: a level that may wander, a damped trend, a season, autoregressive noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(months)
    grown = np.cumsum(damping**t) * slope
    out = []
    for _ in range(count):
        noise = np.zeros(months)
        for month in range(1, months):
            noise[month] = 0.5 * noise[month - 1] + rng.normal()
        season = 0.12 * np.sin(2 * np.pi * (t + rng.integers(12)) / 12)
        level = rng.uniform(50, 500) * np.exp(np.cumsum(rng.normal(0, wander, months)))
        out.append(level * (1 + grown + season + 0.05 * noise))
    return np.array(out)


def named(values: np.ndarray) -> dict[str, np.ndarray]:
    """Rows as series s00, s01, …"""
    return {f"s{place:02d}": row for place, row in enumerate(values)}
