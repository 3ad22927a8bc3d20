"""What the night's forecasting keeps of a run in a file, until the next run is published.

Belongs here: where such a file lies, that it is there whole or not at all, and that only the
published run's and the newest remain. What does not: what is in it (scenarios, explanations).
"""

from collections.abc import Callable
from pathlib import Path

from orchestration.refusal import Refusal
from orchestration.state import State
from orchestration.steps.intake import published_run


def keep_run_file(state: State, run_id: str, suffix: str, write: Callable[[Path], object]) -> None:
    """Keep a run's file beside that of the published run, and no others with that suffix."""
    state.paths.mkdir(parents=True, exist_ok=True)
    path = state.paths / (run_id + suffix)
    partial = path.with_name(path.name + ".part")
    write(partial)
    partial.replace(path)
    wanted = {run_id + suffix, f"{published_run(state)}{suffix}"}
    for other in state.paths.glob("*" + suffix):
        if other.name not in wanted:
            other.unlink()


def published_run_file(state: State, suffix: str, what: str) -> Path:
    """The published run's file. Raises Refusal where there is none; `what` names its content."""
    run_id = published_run(state)
    if run_id is None:
        raise Refusal("nothing is published yet; run `raaderum run` first")
    path = state.paths / (run_id + suffix)
    if not path.is_file():
        raise Refusal(
            f"the {what} of the published run {run_id} are not there; "
            "`raaderum run --full` makes them"
        )
    return path
