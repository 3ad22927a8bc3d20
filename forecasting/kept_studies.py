"""Studies that need not be made again: those whose series, settings and code are the same.

Belongs here: what a study depends on, as a key; its form as text. Does not belong here: where the
text is kept between nights (the caller's matter), making studies (`backtest.py`).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from forecasting.backtest import GivenByStart, Study, Try
from forecasting.history import Floats, Series
from forecasting.prophet_variants import Explanation
from forecasting.settings import ForecastSettings

_ENGINES = ("numba", "numpy", "prophet", "statsforecast")


@dataclass
class KeptStudies:
    """before: key -> text of earlier studies. now: the same for the studies used since, so that
    whoever keeps `now` keeps nothing that is no longer needed. found: how many were not made anew.
    """

    before: Mapping[str, str] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)
    found: int = 0

    def find(self, key: str, series: Series) -> Study | None:
        """The kept study of `series` under `key`, which is kept on."""
        text = self.before.get(key)
        if text is None:
            return None
        self.now[key] = text
        self.found += 1
        return _study(json.loads(text), series)

    def keep(self, key: str, study: Study) -> None:
        """Keep a study that was just made."""
        self.now[key] = json.dumps(_plain(study), separators=(",", ":"))


def study_key(series: Series, settings: ForecastSettings, given: GivenByStart) -> str:
    """A hash of all that a study depends on: months, values, settings, what is given from
    elsewhere, this room's code and the libraries that fit."""
    made = hashlib.sha256(_code().encode())
    made.update(f"{series.first:%Y-%m}|{settings!r}|".encode())
    made.update(np.ascontiguousarray(series.values).tobytes())
    for start in sorted(given):
        for name in sorted(given[start]):
            made.update(f"|{start:%Y-%m}|{name}|".encode())
            made.update(np.ascontiguousarray(given[start][name]).tobytes())
    return made.hexdigest()


@cache
def _code() -> str:
    made = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        made.update(file.read_bytes())
    return made.hexdigest() + "|" + "|".join(f"{name} {version(name)}" for name in _ENGINES)


def _plain(study: Study) -> dict[str, object]:
    told = study.reading
    reading = told and [told.trend.tolist(), told.season.tolist(), told.mode]
    return {
        "method": study.method,
        "paths": _lists(study.paths),
        "scale": study.scale,
        "tries": {str(place): _try(one) for place, one in study.tries.items()},
        "recent": {str(place): _try(one) for place, one in study.recent.items()},
        "reading": reading,
    }


def _lists(arrays: Mapping[str, Floats]) -> dict[str, list[float]]:
    return {name: array.tolist() for name, array in arrays.items()}


def _try(one: Try) -> list[object]:
    return [one.scale, _lists(one.errors)]


def _study(plain: dict[str, Any], series: Series) -> Study:
    told = plain["reading"]
    return Study(
        series,
        str(plain["method"]),
        _arrays(plain["paths"]),
        float(plain["scale"]),
        _tries(plain["tries"]),
        _tries(plain["recent"]),
        Explanation(np.array(told[0]), np.array(told[1]), told[2]) if told else None,
    )


def _arrays(lists: Mapping[str, list[float]]) -> dict[str, Floats]:
    return {name: np.array(values, dtype=float) for name, values in lists.items()}


def _tries(plain: Mapping[str, Any]) -> dict[int, Try]:
    return {int(place): Try(scale, _arrays(errors)) for place, (scale, errors) in plain.items()}
