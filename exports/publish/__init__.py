"""Publishing: write a run aside, audit it, and switch `current` to it.

What belongs here: the serving file, Parquet, the manifest and the switch. What does not: building
the tables (dbt), the cockpit and the pack, which are written into the same folder by their own
rooms before the manifest closes it.
"""

from exports.publish.manifest import Manifest, read_manifest, write_manifest
from exports.publish.postgresql import (
    PostgreSQLError,
    Target,
    check_postgresql,
    publish_to_postgresql,
    published_in_postgresql,
)
from exports.publish.postgresql_tables import TableKeys
from exports.publish.republish import publish_again
from exports.publish.switch import (
    new_run_folder,
    older_runs,
    remove_old_runs,
    repair_published,
    switch_to,
)
from exports.publish.tables import (
    AuditError,
    initiative_effects,
    publish_tables,
    reporting_frames,
)

__all__ = [
    "AuditError",
    "Manifest",
    "PostgreSQLError",
    "TableKeys",
    "Target",
    "check_postgresql",
    "initiative_effects",
    "new_run_folder",
    "older_runs",
    "publish_again",
    "publish_tables",
    "publish_to_postgresql",
    "published_in_postgresql",
    "read_manifest",
    "remove_old_runs",
    "repair_published",
    "reporting_frames",
    "switch_to",
    "write_manifest",
]
