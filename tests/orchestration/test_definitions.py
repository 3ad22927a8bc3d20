"""What Dagster is told: the graph has no phantom, the night is one job at a safe hour."""

from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from orchestration.manifest import ensure_manifest
from orchestration.resources import Night
from orchestration.settings import Settings
from orchestration.state import State


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    ensure_manifest()
    from orchestration.definitions import build_defs

    return build_defs()


def test_no_asset_depends_on_one_that_nobody_makes(definitions: dg.Definitions) -> None:
    """A misspelt dependency raises nothing: it makes a phantom asset, and the wrong order."""
    graph = definitions.resolve_asset_graph()
    assert set(graph.external_asset_keys) == set()


def test_the_forecast_stands_between_the_two_halves_of_the_warehouse(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    made = dg.AssetKey(["raw", "outturns"])
    before = {key.to_user_string() for key in graph.get(made).parent_keys}
    assert "intermediate/int_forecast_series" in before
    published = graph.get(dg.AssetKey(["published", "run"])).parent_keys
    assert dg.AssetKey(["reporting", "rpt_outturn"]) in published
    assert dg.AssetKey(["marts", "fct_cost"]) in published


def test_the_schedule_keeps_out_of_the_hour_that_summer_time_moves(
    definitions: dg.Definitions,
) -> None:
    schedule = definitions.resolve_schedule_def("nightly_schedule")
    assert schedule.execution_timezone == "Europe/Copenhagen"
    minute, hour, *_ = str(schedule.cron_schedule).split()
    assert (int(hour), int(minute)) >= (3, 0)
    assert int(hour) < 7


def test_group_is_the_folder(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for schema in ("staging", "intermediate", "marts", "reporting"):
        keys = [key for key in graph.get_all_asset_keys() if key.path[0] == schema]
        assert keys
        assert {graph.get(key).group_name for key in keys} == {schema}


def test_an_override_replaces_a_resource(tmp_path: Path) -> None:
    from orchestration.definitions import build_defs

    night = Night(Settings(), State(tmp_path), b"k" * 16, as_of=date(2026, 1, 1))
    assert build_defs(night=night).resources["night"] is night


@pytest.mark.parametrize("name", ["nightly_schedule", "maintenance_schedule"])
def test_days_off_are_made_up_for_by_one_run(definitions: dg.Definitions, name: str) -> None:
    """Dagster starts every missed tick of a partitioned schedule, but the last one of any other."""
    schedule = definitions.resolve_schedule_def(name)
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    assert definitions.resolve_job_def(schedule.job_name).partitions_def is None


def test_the_maintenance_does_not_wait_for_itself(definitions: dg.Definitions) -> None:
    """It takes the lock by itself, so it must not be handed a night that holds it already."""
    needed = definitions.resolve_job_def("maintenance").required_resource_keys
    assert "night" not in needed
