"""The Power BI project of a published run: dbt's words for the columns, and where the data lie.

What belongs here: what exports.powerbi is given. What does not: how the project is written.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from exports.powerbi import Words, write_project
from orchestration.manifest import ensure_manifest
from orchestration.semantic_layer import semantic_layer
from orchestration.settings import Settings
from orchestration.state import State


def column_words(manifest: Path) -> dict[str, dict[str, Words]]:
    """Danish label, description and type of every published column, by table."""
    return {
        node["name"]: {
            name: Words(column["meta"]["label_da"], column["description"], column["data_type"])
            for name, column in node["columns"].items()
        }
        for node in json.loads(manifest.read_text("utf-8"))["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in ("marts", "reporting")
    }


def powerbi_project(out: Path, parameters: Mapping[str, str]) -> list[Path]:
    """Write the project into a folder; returns what was written, the file to open first."""
    manifest = ensure_manifest()
    return write_project(out, semantic_layer(manifest), column_words(manifest), parameters)


def project_parameters(settings: Settings, state: State, *, postgresql: bool) -> dict[str, str]:
    """The model's parameters: the published Parquet folder, and the database where there is one."""
    database = settings.publish.postgresql
    address = urlsplit(database.url) if database else None
    port = f":{address.port}" if address and address.port else ""
    return {
        "Kilde": "PostgreSQL" if postgresql else "Parquet",
        "DataMappe": str((state.current / "parquet").absolute()) + os.sep,
        "Server": f"{address.hostname}{port}" if address else "",
        "Database": address.path.strip("/") if address else "",
    }
