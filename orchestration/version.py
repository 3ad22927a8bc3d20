"""What identifies the code of a run.

What belongs here: the version and a hash of the sources. What does not: the data's identity
(steps.intake).
"""

import hashlib
from functools import cache
from importlib.metadata import version

from orchestration.settings import ROOT

_ROOMS = {
    "orchestration": ("*.py", "*.yml"),
    "forecasting": ("*.py", "*.yml"),
    "exports": ("*.py", "*.yml", "*.typ", "*.jinja", "*.css", "*.js"),
    "dbt_project": ("*.sql", "*.yml", "*.csv", "*.md"),
}


@cache
def code_version() -> str:
    """The release and a hash over all sources, such as `0.1.0+3f9a2b1c`."""
    digest = hashlib.sha256()
    for room, patterns in _ROOMS.items():
        found = {path for pattern in patterns for path in (ROOT / room).rglob(pattern)}
        for path in sorted(found - set((ROOT / room / "target").rglob("*"))):
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return f"{version('raaderum')}+{digest.hexdigest()[:8]}"
