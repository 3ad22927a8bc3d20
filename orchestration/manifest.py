"""dbt's manifest: made when the project changed, never at import.

What belongs here: whether `dbt_project/target/manifest.json` is newer than the project, and making
it. What does not: building models (assets).

`python -m orchestration.manifest` makes it; `make` does so after building the environment.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from orchestration.settings import ROOT, home
from orchestration.state import State

PROJECT = ROOT / "dbt_project"
MANIFEST = PROJECT / "target" / "manifest.json"
_STAMP = PROJECT / "target" / "manifest.sources"


def dbt_executable() -> str:
    """The dbt of this environment."""
    name = "dbt.exe" if sys.platform == "win32" else "dbt"
    return str(Path(sys.executable).parent / name)


def ensure_manifest() -> Path:
    """The manifest, made anew where the project's files have changed. Raises RuntimeError."""
    current = _sources_hash()
    if MANIFEST.is_file() and _STAMP.is_file() and _STAMP.read_text("utf-8") == current:
        return MANIFEST
    done = subprocess.run(
        [
            *(dbt_executable(), "--quiet", "parse"),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(MANIFEST.parent)),
        ],
        env={**os.environ, **State(home()).environment()},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode:
        raise RuntimeError(f"dbt cannot read its project:\n{done.stdout}{done.stderr}")
    _STAMP.write_text(current, "utf-8")
    return MANIFEST


def _sources_hash() -> str:
    digest = hashlib.sha256()
    patterns = ("*.sql", "*.yml", "*.csv", "*.md")
    found = {path for pattern in patterns for path in PROJECT.rglob(pattern)}
    for path in sorted(path for path in found if MANIFEST.parent not in path.parents):
        digest.update(path.relative_to(PROJECT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    ensure_manifest()
