"""A small municipality and nights run on it, through the command line as a user would.

What belongs here: making municipalities and running commands. What does not: what must hold.
"""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEY = "a-secret-for-tests-only-0123456789"


def raaderum_command() -> str:
    """The console script of the environment that runs the tests."""
    name = "raaderum.exe" if sys.platform == "win32" else "raaderum"
    return str(Path(sys.executable).parent / name)


@dataclass
class Municipality:
    """A folder with a configuration, exports and state of its own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "var"

    @property
    def current(self) -> Path:
        return self.home / "published" / "current"

    def configure(self, **sources: tuple[str, Path]) -> None:
        """Write raaderum.toml with sources given as name=(profile, folder)."""
        text = '[municipality]\nname = "Prøve Kommune"\n'
        for name, (profile, location) in sources.items():
            text += f'[sources.{name}]\nprofile = "{profile}"\nlocation = "{location.as_posix()}"\n'
        text += '[calendar]\nmeetings = ["2026-12-09"]\n'
        text += "[forecast]\nsamples = 200\n"
        (self.folder / "raaderum.toml").write_text(text, encoding="utf-8")

    def run(self, *arguments: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run `raaderum` in this folder and check its exit code."""
        done = subprocess.run(
            [raaderum_command(), *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "RAADERUM_HOME": str(self.home),
                "RAADERUM_PSEUDONYM_KEY": KEY,
                **self.environment,
            },
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=900,
            check=False,
        )
        if code is not None:
            assert done.returncode == code, f"{arguments}:\n{done.stdout}\n{done.stderr}"
        return done


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Canonical exports of a small municipality."""
    out = tmp_path_factory.mktemp("exports")
    Municipality(out).run(
        "simulate", "--out", str(out), "--children", "2000", "--from", "2021-01", "--seed", "7"
    )
    return out


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory, exports: Path) -> Municipality:
    """A municipality after one whole night on the canonical exports."""
    municipality = Municipality(tmp_path_factory.mktemp("municipality"))
    municipality.configure(
        cases=("canonical", exports / "cases"), finance=("canonical", exports / "finance")
    )
    municipality.run("run")
    return municipality
