"""The warehouse's own rules: who may read whom, and what every model says of itself."""

from pathlib import Path
from typing import Any

import pytest

from orchestration.intake.raw_store import table_shapes
from tests.dbt.conftest import PROJECT, Warehouse
from tests.dbt.raw_layer import ENTITIES, schema_of, tables

MAY_READ = {
    # Which rows hold is a question of which loads are in force.
    "staging": {"staging"},
    "intermediate": {"staging", "intermediate", "reference", "history"},
    "marts": {"staging", "intermediate", "marts", "reference", "history"},
    "reporting": {"staging", "intermediate", "marts", "reference"},
}
PREFIXES = {
    "staging": ("stg_",),
    "intermediate": ("int_",),
    "marts": ("dim_", "fct_"),
    "reporting": ("rpt_",),
}
PUBLISHED = ("marts", "reporting")


@pytest.fixture(scope="session")
def manifest(warehouse: Warehouse) -> dict[str, Any]:
    return warehouse.manifest


@pytest.fixture(scope="session")
def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def test_folder_is_schema_and_prefix(models: list[dict[str, Any]]) -> None:
    assert models
    for model in models:
        folder = Path(model["path"]).parts[0]
        assert model["schema"] == folder
        assert model["name"].startswith(PREFIXES[folder]), model["name"]


def test_layers_read_only_what_lies_below(
    manifest: dict[str, Any], models: list[dict[str, Any]]
) -> None:
    for model in models:
        for parent in model["depends_on"]["nodes"]:
            if parent.startswith("source."):
                assert model["schema"] == "staging", f"{model['name']} reads {parent}"
            else:
                read = manifest["nodes"][parent]["schema"]
                assert read in MAY_READ[model["schema"]], f"{model['name']} reads {parent}"


def test_each_source_is_read_by_one_staging_model(models: list[dict[str, Any]]) -> None:
    staging = [model for model in models if model["schema"] == "staging"]
    parents = [parent for model in staging for parent in model["depends_on"]["nodes"]]
    read = [parent for parent in parents if parent.startswith("source.")]
    assert sorted(read) == sorted(f"source.raaderum.raw.{table}" for table in tables())


def test_sources_carry_the_key_of_their_asset(manifest: dict[str, Any]) -> None:
    keys = {
        source["name"]: source["meta"]["dagster"]["asset_key"]
        for source in manifest["sources"].values()
    }
    assert keys == {table: ["raw", table] for table in tables()}


def test_every_model_says_its_grain_first(models: list[dict[str, Any]]) -> None:
    for model in models:
        text = (PROJECT / model["original_file_path"]).read_text(encoding="utf-8")
        assert text.startswith("-- Grain: one "), model["name"]


def test_what_leaves_has_a_contract_and_says_what_it_is(models: list[dict[str, Any]]) -> None:
    published = [model for model in models if model["schema"] in PUBLISHED]
    files = [path for folder in PUBLISHED for path in (PROJECT / "models" / folder).glob("*.sql")]
    assert len(published) == len(files)
    for model in published:
        assert model["config"]["contract"]["enforced"], model["name"]
        assert model["description"], model["name"]
        for column in model["columns"].values():
            where = f"{model['name']}.{column['name']}"
            assert column["description"], where
            assert column["data_type"], where
            assert {"label_da", "label_en", "unit"} <= set(column["meta"]), where


def test_every_column_is_described_and_no_other(
    warehouse: Warehouse, manifest: dict[str, Any]
) -> None:
    built: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in warehouse.rows(
        "select table_schema, table_name, column_name from information_schema.columns"
    ):
        built.setdefault((schema, table), set()).add(column)
    nodes = manifest["nodes"].values()
    tables = [node for node in nodes if node["resource_type"] in ("model", "seed", "snapshot")]
    assert {node["resource_type"] for node in tables} == {"model", "seed", "snapshot"}
    held = [(node, built[node["schema"], node["alias"]]) for node in tables]
    # The raw layer's columns are intake's to say: the tests write fewer of them.
    shapes = table_shapes()
    held += [(source, set(shapes[source["name"]])) for source in manifest["sources"].values()]
    wrong = []
    for node, found in held:
        columns = node["columns"]
        said = {name for name in columns if columns[name]["description"].strip()}
        wrong += [f"{node['name']}.{name} has no description" for name in found - said]
        wrong += [f"{node['name']}.{name} is no column" for name in set(columns) - found]
        if not node["description"].strip():
            wrong.append(f"{node['name']} has no description")
    assert not wrong, "\n".join(sorted(wrong))


def test_no_shared_description_is_left_over(manifest: dict[str, Any]) -> None:
    described = [*manifest["nodes"].values(), *manifest["sources"].values()]
    used = {
        block
        for node in described
        for column in node.get("columns", {}).values()
        for block in column["doc_blocks"]
    }
    shared = {doc for doc, said in manifest["docs"].items() if said["name"].startswith("field_")}
    assert shared and not shared - used


def test_every_key_is_tested(manifest: dict[str, Any], models: list[dict[str, Any]]) -> None:
    unique = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and node.get("test_metadata", {}).get("name") in ("unique", "unique_grain")
    }
    for model in models:
        if model["schema"] in PUBLISHED:
            assert model["unique_id"] in unique, model["name"]


@pytest.mark.parametrize("entity", ENTITIES)
def test_staging_has_every_column_of_its_entity(warehouse: Warehouse, entity: str) -> None:
    table = f"stg_{ENTITIES[entity]['feed']}__{entity}"
    found = {
        name
        for (name,) in warehouse.rows(
            f"""select column_name from information_schema.columns
            where table_schema = 'staging' and table_name = '{table}'"""
        )
    }
    delivered = [name for name in schema_of(entity).names if not name.startswith("_")]
    assert set(delivered) <= found, set(delivered) - found
    assert {"source_system", "load_id", "load_seq", "file", "row_number"} <= found


def test_no_model_reads_the_clock() -> None:
    for path in sorted((PROJECT / "models").rglob("*.sql")):
        text = path.read_text(encoding="utf-8").lower()
        for clock in ("now()", "current_date", "current_timestamp", "get_current_timestamp"):
            assert clock not in text, path.name
