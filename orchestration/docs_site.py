"""The documentation site of the warehouse, and its lineage as a picture.

What belongs here: dbt's static site from the project as it stands, without a warehouse. What does
not: what is written in it (dbt_project's descriptions), drawing (orchestration.lineage).

`python -m orchestration.docs_site` (`make docs`) writes `docs/build/index.html`, a file that needs
no server, and `docs/pictures/lineage.svg`.
"""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from orchestration.lineage import lineage_svg
from orchestration.manifest import PROJECT, dbt_executable
from orchestration.settings import ROOT

SITE = ROOT / "docs" / "build" / "index.html"
PICTURE = ROOT / "docs" / "pictures" / "lineage.svg"


def build_site(site: Path = SITE, picture: Path = PICTURE) -> None:
    """Write site and picture. Raises RuntimeError with dbt's words where it cannot."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        done = subprocess.run(
            [
                *(dbt_executable(), "--quiet", "docs", "generate", "--static", "--empty-catalog"),
                *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
                *("--target-path", folder, "--log-path", folder),
            ],
            env={
                **os.environ,
                "RAADERUM_RAW": folder,
                "RAADERUM_WAREHOUSE": str(target / "none.duckdb"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"dbt cannot document its project:\n{done.stdout}{done.stderr}")
        site.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(target / "static_index.html", site)
        manifest = json.loads((target / "manifest.json").read_text("utf-8"))
    picture.write_text(lineage_svg(manifest), encoding="utf-8")


if __name__ == "__main__":
    build_site()
