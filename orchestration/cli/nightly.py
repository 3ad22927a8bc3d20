"""Commands that make something: `simulate`, `run`, `demo`.

What belongs here: their arguments and what they print. What does not: the job (nightly_run).
"""

import os
import secrets
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestration.progress import Reporter, reporter
from orchestration.settings import KEY_VARIABLE, ROOT, ConfigurationError, Settings, home

DEMO_FOLDER = Path("demo")
DEMO_PROFILES = ("sensum", "prisme")
DEMO_SCENARIO = ROOT / "docs" / "scenarios" / "sverigesmodel.yml"
# What the simulated municipality has done to its placements since 2022, and as large a plan for any
# size of it: DKK a year for each child.
DEMO_PLACEMENTS = ("1", "21", "22", "23", "24", "25", "26", "27", "6", "7", "8", "9", "11", "99")
DEMO_SAVING_PER_CHILD = 200

_Config = Annotated[
    Path | None, typer.Option("--config", help="The configuration; default raaderum.toml here.")
]
_Month = "%Y-%m"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(simulate)
    app.command()(run)
    app.command()(demo)


def simulate(
    out: Annotated[Path, typer.Option("--out", help="Where the exports are written.")],
    children: Annotated[
        int, typer.Option(min=100, help="Children aged 0-22 in the municipality.")
    ] = 10_000,
    first: Annotated[
        datetime, typer.Option("--from", formats=[_Month], help="First month, YYYY-MM.")
    ] = datetime(2017, 1, 1),  # noqa: DTZ001 - a month has no time zone
    last: Annotated[
        datetime, typer.Option("--to", formats=[_Month], help="Last month, YYYY-MM.")
    ] = datetime(2026, 10, 1),  # noqa: DTZ001
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another municipality.")] = 1,
    profile: Annotated[
        list[str] | None,
        typer.Option(
            help="Write in a system's own shape; once for each system. Default: canonical."
        ),
    ] = None,
) -> None:
    """Write a simulated municipality's exports: OUT/cases, OUT/finance and OUT/truth.

    The same arguments give the same bytes. `truth` is what a real municipality could not know.
    """
    if first >= last:
        raise ConfigurationError(f"--from {first:%Y-%m} must be before --to {last:%Y-%m}")
    with reporter() as progress:
        write_simulation(
            out, children, first.date(), last.date(), seed, tuple(profile or ()), progress
        )
    typer.echo(out / "cases")
    typer.echo(out / "finance")
    typer.echo(out / "truth")


def write_simulation(
    out: Path,
    children: int,
    first: date,
    last: date,
    seed: int,
    profiles: tuple[str, ...],
    progress: Reporter,
) -> None:
    """Simulate into `out`. Raises ConfigurationError for a profile that cannot be written."""
    from orchestration.intake.delivery import writer
    from orchestration.intake.files.writing import UnwritableError
    from orchestration.intake.profiles import ProfileError, find_profile
    from orchestration.intake.simulation import SimulationRequest, simulate

    try:
        shapes = [find_profile(name, None) for name in profiles if name != "canonical"]
        request = SimulationRequest(
            children=children, first_month=first, last_month=last, seed=seed
        )
        progress.step(f"Simulating {children:,} children", total=100)
        simulate(
            request,
            out,
            writer(shapes, out),
            lambda text, share: progress.advance(text, done=round(100 * share)),
        )
    except (ProfileError, UnwritableError) as error:
        raise ConfigurationError(str(error)) from error


def run(
    config: _Config = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day to take the view from."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Build everything, even where nothing is new.")
    ] = False,
) -> None:
    """Run the nightly job once, in this process: read, build, forecast, check, publish."""
    from orchestration.surroundings import configuration

    settings = configuration(config)
    run_and_report(settings, as_of.date() if as_of else None, full)


def run_and_report(settings: Settings, as_of: date | None, full: bool) -> None:
    """Run the night and say what came of it; exits 1 where it was stopped."""
    from orchestration.nightly_run import run_night
    from orchestration.surroundings import night

    with reporter() as progress:
        surroundings = night(settings, as_of, full, progress)
        result = run_night(surroundings)
    if not result.succeeded:
        typer.echo(f"raaderum: {result.reason}", err=True)
        typer.echo(f"What was published before stays. Log: {result.log}", err=True)
        raise typer.Exit(1)
    if not result.published:
        typer.echo("Nothing is new; the published run stays.")
    current = surroundings.state.current
    for name in ("cockpit/index.html", "cockpit-economists/index.html", "serving.duckdb", "parquet",
                 "manifest.json"):  # fmt: skip
        if (current / name).exists():
            typer.echo(current / name)
    for pack in sorted((current / "committee").glob("*/rapport.pdf")):
        typer.echo(pack)


def demo(
    children: Annotated[int, typer.Option(min=100, help="Children in the municipality.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another municipality.")] = 1,
) -> None:
    """Simulate a municipality in the shapes of real systems and run the night on it.

    It has an adopted initiative and keeps a scenario. Needs no configuration. Exports go to demo/,
    state to $RAADERUM_HOME (default var/).
    """
    make_demo_key()
    shutil.rmtree(DEMO_FOLDER, ignore_errors=True)
    with reporter() as progress:
        write_simulation(
            DEMO_FOLDER,
            children,
            date(2017, 1, 1),
            date(2026, 10, 1),
            seed,
            DEMO_PROFILES,
            progress,
        )
    keep_demo_scenario()
    run_and_report(demo_settings(children), None, full=False)


def keep_demo_scenario() -> None:
    """Keep the example of a scenario, as `raaderum scenario` does."""
    from orchestration.scenario_files import keep, read_scenario
    from orchestration.state import State

    keep(State(home()), read_scenario(DEMO_SCENARIO))


def demo_settings(children: int) -> Settings:
    """The embedded defaults: the demo's two sources, one meeting and one adopted initiative."""
    return Settings.model_validate(
        {
            "sources": {
                "cases": {"profile": "sensum", "location": str(DEMO_FOLDER / "cases")},
                "finance": {"profile": "prisme", "location": str(DEMO_FOLDER / "finance")},
            },
            "calendar": {"meetings": ["2026-12-09"]},
            # Every simulated child has a replacement number: none of them may be a real one's.
            "quality": {"silent": ["cpr_replacement"]},
            "initiatives": {
                "tattere_pa_familien": {
                    "name": "Tættere på familien",
                    "name_en": "Closer to the family",
                    "starts_on": "2022-01-01",
                    "measure_types": DEMO_PLACEMENTS,
                    "planned_saving": DEMO_SAVING_PER_CHILD * children,
                }
            },
        }
    )


def make_demo_key() -> None:
    """Give the demo a secret of its own, kept under the state folder, unless one is set."""
    if os.environ.get(KEY_VARIABLE) or os.environ.get(f"{KEY_VARIABLE}_FILE"):
        return
    path = home() / "demo-pseudonym.key"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="utf-8")
    os.environ[f"{KEY_VARIABLE}_FILE"] = str(path)
