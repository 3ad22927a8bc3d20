"""The effect of every adopted initiative, measured anew each night.

What belongs here: the rows of `raw.initiative_effects`. What does not: the method
(forecasting.effects), what the configuration says of them (adopted), planned savings (dbt).
"""

import logging
from collections.abc import Mapping

import pandas as pd

from forecasting.effects import Before, EffectError, before, effect
from forecasting.kept_studies import KeptStudies
from forecasting.settings import ForecastSettings
from orchestration.intake.raw_store import INITIATIVE_EFFECTS
from orchestration.progress import Reporter
from orchestration.settings import InitiativeSettings

_log = logging.getLogger("raaderum.initiatives")


def measured_effects(
    initiatives: Mapping[str, InitiativeSettings],
    bottoms: pd.DataFrame,
    settings: ForecastSettings,
    workers: int | None,
    reporter: Reporter,
    kept: KeptStudies,
) -> pd.DataFrame:
    """The rows of `raw.initiative_effects`, without the run.

    bottoms: function, measure_type, series_id, month, value. One whose effect cannot be measured
    yet is left out with a warning: it stops nothing.
    """
    known: dict[pd.Timestamp, Before] = {}
    tables = []
    history = bottoms[["series_id", "month", "value"]]
    of_type = bottoms.drop_duplicates("series_id").groupby("measure_type")["series_id"].apply(list)
    for name, one in sorted(initiatives.items()):
        reporter.step(f"Effect of {name}")
        start = pd.Timestamp(one.starts_on)
        touched = {kind for other in initiatives.values() for kind in other.measure_types}
        target = [series for kind in one.measure_types for series in of_type.get(kind, [])]
        others = {str(kind): ids for kind, ids in of_type.items() if kind not in touched}
        try:
            if start not in known:
                known[start] = before(history, start, settings, workers, kept)
            found = effect(known[start], target, others)
        except EffectError as error:
            _log.warning("the effect of initiative %s is not measured: %s", name, error)
            continue
        tables.append(found.assign(initiative_id=name))
    columns = [name for name in INITIATIVE_EFFECTS if name != "run_id"]
    return pd.concat(tables)[columns] if tables else pd.DataFrame(columns=columns)
