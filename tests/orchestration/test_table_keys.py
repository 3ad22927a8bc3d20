"""Keys of the published tables, as dbt's tests hold them."""

from orchestration.manifest import ensure_manifest
from orchestration.steps.table_keys import table_keys


def test_surrogate_keys_grains_and_references_are_found() -> None:
    keys = table_keys(ensure_manifest())
    assert keys["dim_child"].primary == ("child_key",)
    assert keys["fct_cost"].primary == ("cost_key",)
    assert keys["rpt_outturn"].primary == ("year", "level", "key")
    assert ("account_key", "dim_account", "account_key") in keys["fct_cost"].references


def test_a_reference_of_some_rows_only_is_none() -> None:
    """`fct_measure` has no row for unknown, to which unmatched costs point."""
    references = table_keys(ensure_manifest())["fct_cost"].references
    assert "fct_measure" not in {table for _, table, _ in references}
