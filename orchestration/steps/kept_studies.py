"""The studies that the last night's forecast rested on, so that only what changed is fitted again.

What belongs here: the file that they are kept in. What does not: what they are and when one may be
used again (`forecasting/kept_studies.py`). A file that is missing or broken costs time, nothing
else.
"""

import json
import logging

from forecasting.series import KeptStudies
from orchestration.state import State

_FILE = "studies.json"
_log = logging.getLogger(__name__)


def read_kept(state: State) -> KeptStudies:
    """What the last forecast kept; nothing where there was none."""
    path = state.paths / _FILE
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return KeptStudies()
    except ValueError:
        _log.warning("%s cannot be read; every series is fitted anew", path)
        return KeptStudies()
    return KeptStudies(before=kept)


def write_kept(state: State, kept: KeptStudies) -> None:
    """Keep the studies that this forecast used, and no others."""
    state.paths.mkdir(parents=True, exist_ok=True)
    partial = state.paths / (_FILE + ".part")
    partial.write_text(json.dumps(kept.now), encoding="utf-8")
    partial.replace(state.paths / _FILE)
