"""The publishers' own validators and clients, which run on Node.

Belongs here: finding and running them. Not here: what they are given, and what is expected.
`make validators` installs them into tests/node; without them, tests that ask for one skip.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

NODE = Path(__file__).parents[1] / "node"
MISSING = "Metabase's and Microsoft's validators are not here: `make validators` (Node 20 and npm)"


def run_official(
    name: str,
    *arguments: str,
    loaded_first: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a tool of tests/node; skips the test where it or Node is missing.

    `loaded_first`: a module of tests/node that Node loads before the tool.
    """
    node, tool = shutil.which("node"), NODE / "node_modules" / ".bin" / name
    if node is None or not tool.exists():
        pytest.skip(MISSING)
    first = ["--import", (NODE / loaded_first).as_uri()] if loaded_first else []
    return subprocess.run(
        [node, *first, str(tool.resolve()), *arguments],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
