"""The keys of the published tables, from the dbt tests that hold them.

What belongs here: reading `unique`, `unique_grain` and `relationships` out of dbt's manifest. What
does not: declaring them in a database (exports.publish).
"""

import json
import re
from pathlib import Path

from exports.publish import TableKeys

_REFERENCE = re.compile(r"ref\('(\w+)'\)")


def table_keys(manifest: Path) -> dict[str, TableKeys]:
    """Keys by table: what a test holds to be unique is the primary key, the surrogate key first."""
    unique: dict[str, list[tuple[str, ...]]] = {}
    references: dict[str, list[tuple[str, str, str]]] = {}
    for node in json.loads(manifest.read_text("utf-8"))["nodes"].values():
        test = node.get("test_metadata")
        if node["resource_type"] != "test" or not test or not node.get("attached_node"):
            continue
        # A test of some of the rows says nothing that a database could hold of all of them.
        if node["config"].get("where"):
            continue
        table, values = node["attached_node"].split(".")[-1], test["kwargs"]
        if test["name"] == "unique":
            unique.setdefault(table, []).append((values["column_name"],))
        elif test["name"] == "unique_grain":
            unique.setdefault(table, []).append(tuple(values["columns"]))
        elif test["name"] == "relationships" and (other := _REFERENCE.search(values["to"])):
            column, field = values["column_name"], values["field"]
            references.setdefault(table, []).append((column, other[1], field))
    return {
        table: TableKeys(
            primary=min(found, key=lambda columns: (not columns[0].endswith("_key"), len(columns))),
            references=tuple(references.get(table, ())),
        )
        for table, found in unique.items()
    }
