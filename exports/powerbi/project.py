"""The project's folder: model and report beside each other, and the file that opens them.

What belongs here: which files there are, and writing them as a whole. What does not: their content.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exports.powerbi.model import Words, build_model
from exports.powerbi.pbir import report_files
from exports.powerbi.star import read_star
from exports.powerbi.tmdl import stable_id, tmdl_files
from exports.semantics import SemanticLayer

NAME = "Raaderum"
_SCHEMAS = "https://developer.microsoft.com/json-schemas/fabric"
_PLATFORM = f"{_SCHEMAS}/gitIntegration/platformProperties/2.0.0/schema.json"
PARAMETERS = ("Kilde", "DataMappe", "Server", "Database")
"""The model's parameters: `Kilde` is Parquet or PostgreSQL."""


def write_project(
    out: Path,
    layer: SemanticLayer,
    words: Mapping[str, Mapping[str, Words]],
    parameters: Mapping[str, str],
) -> list[Path]:
    """Write the project into `out`; what an earlier one left there goes. The same in, the same out.

    Returns the files, the one to open first. Raises PowerBIError where a name is missing or used
    twice.
    """
    model = build_model(read_star(), layer, words)
    texts = {
        f"{NAME}.SemanticModel/definition/{path}": text
        for path, text in tmdl_files(model, {name: parameters[name] for name in PARAMETERS}).items()
    }
    content = {
        f"{NAME}.Report/definition/{path}": item for path, item in report_files(model).items()
    }
    texts |= {path: _json(item) for path, item in {**_frame(), **content}.items()}
    for folder in (f"{NAME}.Report", f"{NAME}.SemanticModel"):
        shutil.rmtree(out / folder, ignore_errors=True)
    for path, text in texts.items():
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    return [out / path for path in texts if path.endswith(".pbip")] + [
        out / path for path in sorted(texts) if not path.endswith(".pbip")
    ]


def _frame() -> dict[str, Any]:
    """The files that hold the two parts together."""
    definition = f"{_SCHEMAS}/item/report/definitionProperties/2.0.0/schema.json"
    model = f"{_SCHEMAS}/item/semanticModel/definitionProperties/1.0.0/schema.json"
    return {
        f"{NAME}.pbip": {
            "$schema": f"{_SCHEMAS}/pbip/pbipProperties/1.0.0/schema.json",
            "version": "1.0",
            "artifacts": [{"report": {"path": f"{NAME}.Report"}}],
            "settings": {"enableAutoRecovery": True},
        },
        f"{NAME}.Report/.platform": _platform("Report"),
        f"{NAME}.Report/definition.pbir": {
            "$schema": definition,
            "version": "4.0",
            "datasetReference": {"byPath": {"path": f"../{NAME}.SemanticModel"}},
        },
        f"{NAME}.SemanticModel/.platform": _platform("SemanticModel"),
        f"{NAME}.SemanticModel/definition.pbism": {
            "$schema": model,
            "version": "4.2",
            "settings": {},
        },
    }


def _platform(kind: str) -> dict[str, Any]:
    return {
        "$schema": _PLATFORM,
        "metadata": {"type": kind, "displayName": NAME},
        "config": {"version": "2.0", "logicalId": stable_id("item", kind)},
    }


def _json(item: Any) -> str:
    return json.dumps(item, ensure_ascii=False, indent=2) + "\n"
