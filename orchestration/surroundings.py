"""The surroundings of a run, from where it is started.

What belongs here: finding the configuration, the state folder and the Dagster instance.
What does not: what the settings mean (settings).
"""

import os
from datetime import date
from pathlib import Path

from dagster import DagsterInstance
from dagster._core.instance.ref import InstanceRef

from orchestration.privacy.keys import require_same_key
from orchestration.privacy.rekey import exchange_is_pending, recover
from orchestration.progress import Reporter, Silent
from orchestration.resources import Night
from orchestration.run_lock import exclusive
from orchestration.settings import CONFIG_NAME, ROOT, Settings, home, pseudonym_key, read_settings
from orchestration.state import State

_WAIT_SECONDS = 60


def configuration(named: Path | None = None) -> Settings:
    """The settings of the named file, else of `raaderum.toml` in this folder."""
    return read_settings(named or Path.cwd() / CONFIG_NAME)


def night(
    settings: Settings | None = None,
    as_of: date | None = None,
    full: bool = False,
    reporter: Reporter | None = None,
) -> Night:
    """One night's surroundings; what dbt reads from the environment is set there.

    Without settings (a scheduled night) the configuration is the checkout's.
    """
    state = State(home())
    state.prepare()
    os.environ.update(state.environment())
    key = pseudonym_key()
    if exchange_is_pending(state):
        with exclusive(state, _WAIT_SECONDS, "completing a change of the pseudonym key"):
            recover(state)
    require_same_key(state.raw, key)
    return Night(
        settings=settings or configuration(ROOT / CONFIG_NAME),
        state=state,
        key=key,
        as_of=as_of,
        full=full,
        reporter=reporter or Silent(),
    )


def instance(state: State) -> DagsterInstance:
    """The Dagster instance of the root's `dagster.yaml`, its storage under the state folder."""
    state.dagster.mkdir(parents=True, exist_ok=True)
    folders = {
        "storage": {"sqlite": {"base_dir": str(state.dagster / "storage")}},
        "compute_logs": {
            "module": "dagster._core.storage.local_compute_log_manager",
            "class": "LocalComputeLogManager",
            "config": {"base_dir": str(state.dagster / "compute_logs")},
        },
        "local_artifact_storage": {
            "module": "dagster._core.storage.root",
            "class": "LocalArtifactStorage",
            "config": {"base_dir": str(state.dagster / "artifacts")},
        },
    }
    reference = InstanceRef.from_dir(str(state.dagster), config_dir=str(ROOT), overrides=folders)
    return DagsterInstance.from_ref(reference)
