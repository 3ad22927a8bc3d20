"""The weekly maintenance on a real Dagster storage."""

from pathlib import Path

import dagster as dg

from orchestration.maintenance import tidy_dagster
from orchestration.state import State
from orchestration.surroundings import instance


@dg.op
def says_much(context: dg.OpExecutionContext) -> None:
    for number in range(200):
        context.log.info(f"{number} " + "x" * 500)


@dg.job
def talkative() -> None:
    says_much()


def test_what_deleted_runs_left_goes_and_the_files_shrink(tmp_path: Path) -> None:
    state = State(tmp_path)
    with instance(state) as dagster:
        runs = [talkative.execute_in_process(instance=dagster).run_id for _ in range(3)]
        for run_id in runs[:2]:
            dagster.delete_run(run_id)
        before = size(state)
        (done,) = tidy_dagster(state, dagster)
        assert done.startswith("removed ")
        assert size(state) < before
        assert [run.run_id for run in dagster.get_runs()] == [runs[2]]
        assert dagster.all_logs(runs[2])
    left = [path for path in state.dagster.rglob("*") if any(run in path.name for run in runs[:2])]
    assert left == []


def size(state: State) -> int:
    return sum(path.stat().st_size for path in state.dagster.rglob("*.db"))
