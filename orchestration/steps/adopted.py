"""Adopted initiatives as the configuration has them.

What belongs here: `raw.initiatives`. What does not: their effect (initiatives), which needs the
forecasting room and its imports.
"""

from collections.abc import Mapping

import duckdb

from orchestration.intake.raw_store import INITIATIVES, RawStore, write
from orchestration.settings import InitiativeSettings


def write_initiatives(initiatives: Mapping[str, InitiativeSettings], store: RawStore) -> None:
    """Write `raw.initiatives` as the configuration has them now."""
    rows = [
        (
            name,
            one.name,
            one.name_en or one.name,
            one.scenario,
            one.starts_on,
            ",".join(one.measure_types),
            one.planned_saving,
        )
        for name, one in sorted(initiatives.items())
    ]
    with duckdb.connect() as connection:
        fields = ", ".join(f"{name} {kind}" for name, kind in INITIATIVES.items())
        connection.execute(f"create table initiatives ({fields})")
        marks = ", ".join("?" * len(INITIATIVES))
        if rows:
            connection.executemany(f"insert into initiatives values ({marks})", rows)
        write(connection, "from initiatives", store.path("initiatives", "initiatives"))
