"""The assets of the night: thin wrappers over `orchestration.steps` and the dbt project.

What belongs here: keys, dependencies, metadata and what is skipped when nothing is new.
What does not: work that can be done without Dagster (steps), schedules and jobs (jobs).

Four steps: `raw` (intake), `warehouse` (dbt, which Dagster itself splits around the forecast),
`forecast`, `published`. All that open the warehouse file share the pool `warehouse`: DuckDB has one
writing process. Nothing passes through IO managers; tables are the interface.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from orchestration.intake.raw_store import MADE_BY_FORECAST, table_shapes
from orchestration.manifest import MANIFEST, PROJECT, dbt_executable
from orchestration.resources import Night
from orchestration.steps.forecasting import forecast_night
from orchestration.steps.history import catch_up
from orchestration.steps.intake import take_in
from orchestration.steps.publishing import publish_night, repair_database
from orchestration.steps.warehouse_file import require_warehouse

POOL = "warehouse"
HISTORY = "history"
RAW_KEYS = [dg.AssetKey(["raw", name]) for name in table_shapes() if name not in MADE_BY_FORECAST]
FORECAST_KEYS = [dg.AssetKey(["raw", name]) for name in MADE_BY_FORECAST]
FORECAST_INPUTS = [
    dg.AssetKey(["intermediate", name])
    for name in (
        "int_forecast_series",
        "int_activity_series",
        "int_budget_level",
        "int_actual_level",
        "int_measure_types",
        "int_commitment_register",
        "int_plan_versions",
        "int_volume_series",
        "int_booking_lags",
    )
] + [dg.AssetKey(["reference", name]) for name in ("ref_price_index", "ref_known_breaks")]
RUN_KEY = dg.AssetKey(["raw", "run"])
PUBLISHED_KEY = dg.AssetKey(["published", "run"])


@dg.multi_asset(
    name="intake",
    specs=[
        dg.AssetSpec(key, group_name="raw", kinds={"parquet"}, skippable=True) for key in RAW_KEYS
    ],
)
def raw(
    context: dg.AssetExecutionContext, night: dg.ResourceParam[Night]
) -> Iterator[dg.MaterializeResult]:
    """Every source's new files as immutable Parquet; nothing at all where nothing is new."""
    night.reporter.step("Reading the exports")
    outcome = take_in(
        night.settings,
        night.state,
        night.key,
        night.today,
        night.as_of,
        night.full,
        night.reporter.advance,
    )
    if outcome.nothing_new:
        context.log.info(f"nothing is new since run {outcome.run.run_id}: the rest is skipped")
        if repair_database(night.settings, night.state):
            context.log.info(f"PostgreSQL served another run; it has {outcome.run.run_id} now")
        return
    loaded: dict[str, int] = {}
    for report in outcome.reports:
        for count in report.counts:
            loaded[count.entity] = loaded.get(count.entity, 0) + count.rows_loaded
    for key in RAW_KEYS:
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={
                "rows_loaded": loaded.get(key.path[-1], 0),
                "run_id": outcome.run.run_id,
            },
        )


class FolderTranslator(DagsterDbtTranslator):
    """The group of a model is its folder, which is also its schema.

    What depends on nothing (seeds, the calendar) is said to depend on the run: so a night without
    news skips it too, and Dagster splits dbt in two parts around the forecast, not in three.
    """

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """The spec of one dbt resource."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        return spec if spec.deps else spec.replace_attributes(deps=[RUN_KEY])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """`staging`, `history` (the snapshots), … `reporting`, or `reference` (the seeds)."""
        if dbt_resource_props["resource_type"] == "seed":
            return "reference"
        if dbt_resource_props["resource_type"] == "snapshot":
            return HISTORY
        return str(dbt_resource_props["fqn"][1])


def dbt_arguments(full: bool) -> list[str]:
    """The dbt command of the night: models, seeds and tests; `full` builds from nothing."""
    # `buildable`: each test runs once, in the part after which all that it reads is built. The
    # default, `eager`, runs tests of the second part against tables that are not there yet.
    # Unit tests try the SQL on made rows: they belong to `make test`, not to the night.
    selection = {"--indirect-selection": "buildable", "--exclude-resource-type": "unit_test"}
    arguments = ["build", *(part for pair in selection.items() for part in pair)]
    return [*arguments, *(["--full-refresh"] if full else [])]


@dbt_assets(
    manifest=MANIFEST,
    name="warehouse",
    dagster_dbt_translator=FolderTranslator(),
    project=DbtProject(PROJECT),
    pool=POOL,
)
def warehouse(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, night: dg.ResourceParam[Night]
) -> Iterator[Any]:
    """The star schema. A failing test of severity `error` stops what is downstream of it."""
    if any(key.path[0] == HISTORY for key in context.selected_asset_keys):
        catch_up(night.state, night.reporter)
    nodes = len(context.selected_asset_keys) + len(context.selected_asset_check_keys)
    night.reporter.step("Building the warehouse", total=nodes)
    require_warehouse(night.state.warehouse)
    invocation = dbt.cli(
        dbt_arguments(night.full),
        context=context,
        target_path=night.state.dbt / context.op.name,
        raise_on_error=True,
    )
    for event in invocation.stream():
        night.reporter.advance()
        yield event


@dg.multi_asset(
    name="forecast",
    specs=[
        dg.AssetSpec(key, group_name="raw", deps=FORECAST_INPUTS, kinds={"prophet"})
        for key in FORECAST_KEYS
    ],
    pool=POOL,
)
def forecast(night: dg.ResourceParam[Night]) -> Iterator[dg.MaterializeResult]:
    """Prophet per series on complete months, added up to every level from sample paths."""
    night.reporter.step("Forecasting")
    outcome = forecast_night(night.settings, night.state, night.reporter)
    for key in FORECAST_KEYS:
        yield dg.MaterializeResult(asset_key=key, metadata={"series": outcome.series})


def build_published(deps: list[dg.AssetKey], freshness: dg.FreshnessPolicy) -> dg.AssetsDefinition:
    """The asset that publishes, downstream of every table and so of every blocking check."""

    @dg.asset(
        key=PUBLISHED_KEY,
        deps=deps,
        group_name="published",
        pool=POOL,
        kinds={"duckdb", "html"},
        freshness_policy=freshness,
    )
    def published(
        context: dg.AssetExecutionContext, night: dg.ResourceParam[Night]
    ) -> dg.MaterializeResult:
        """The run as a whole under `published/current`, switched in one step."""
        night.reporter.step("Writing reports and publishing")
        outcome = publish_night(night.settings, night.state, night.reporter)
        for warning in outcome.warnings:
            context.log.warning(warning)
        return dg.MaterializeResult(
            metadata={
                "run_id": outcome.manifest.run_id,
                "files": len(outcome.manifest.files),
                "bytes": sum(file.bytes for file in outcome.manifest.files),
                "path": dg.MetadataValue.path(str(outcome.current)),
            }
        )

    return published


@dg.asset_check(asset=dg.AssetKey(["raw", "load_files"]), blocking=True)
def every_row_is_accounted_for(night: dg.ResourceParam[Night]) -> dg.AssetCheckResult:
    """`rows_read = loaded + rejected + superseded + out of scope`, for every file of every load."""
    import duckdb

    from orchestration.intake.raw_store import RawStore

    with duckdb.connect() as connection:
        found = connection.execute(
            "select load_id, file from read_parquet(?, union_by_name = true) where rows_read"
            " <> rows_loaded + rows_rejected + rows_superseded + rows_out_of_scope",
            [RawStore(night.state.raw).glob("load_files")],
        ).fetchall()
    return dg.AssetCheckResult(
        passed=not found, metadata={"files": dg.MetadataValue.text(json.dumps(found))}
    )


def dbt_resource() -> DbtCliResource:
    """dbt of this environment, on this checkout's project."""
    return DbtCliResource(
        project_dir=str(PROJECT), profiles_dir=str(PROJECT), dbt_executable=dbt_executable()
    )
