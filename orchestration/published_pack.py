"""The committee pack of any meeting from the published run.

What belongs here: reading the published, already suppressed tables back. What does not: the pack.
"""

from datetime import date
from pathlib import Path

import duckdb

from exports.publish import read_manifest
from orchestration.refusal import Refusal
from orchestration.settings import Settings
from orchestration.state import State
from orchestration.steps.intake import Run
from orchestration.steps.publishing import write_pack


def pack_from_published(state: State, settings: Settings, meeting: date, out: Path) -> list[Path]:
    """Write the pack into `out/<meeting>/`. Raises Refusal where nothing is published."""
    manifest = read_manifest(state.current)
    if manifest is None:
        raise Refusal("nothing is published yet; run `raaderum run` first")
    with duckdb.connect(str(state.current / "serving.duckdb"), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'reporting' order by 1"
        ).fetchall()
        frames = {
            name: connection.execute(f'select * from reporting."{name}"').fetchdf()
            for (name,) in names
        }
    run = Run(
        run_id=manifest.run_id,
        as_of=date.fromisoformat(manifest.as_of),
        data_version=manifest.data_version,
        code_version=manifest.code_version,
        load_ids=manifest.load_ids,
    )
    return write_pack(frames, meeting, settings.municipality.language, out, state, run)
