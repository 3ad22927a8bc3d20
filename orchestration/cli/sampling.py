"""`raaderum check --sample`: what is printed of a file and its profile.

What belongs here: choosing by what the user said, and the words. What does not: trying the file
(intake.sampling).
"""

from pathlib import Path

import typer

from orchestration.intake.accounts import Chart
from orchestration.intake.contract import entities
from orchestration.intake.files import UnreadableFileError
from orchestration.intake.landing import UnknownEncodingError
from orchestration.intake.profiles import Profile, ProfileError, find_profile
from orchestration.intake.sampling.choice import all_profiles, fits, nearest_entity
from orchestration.intake.sampling.proposal import propose
from orchestration.intake.sampling.trial import Trial, try_file
from orchestration.settings import CONFIG_NAME, ROOT, ConfigurationError

_FUNCTIONS = ROOT / "dbt_project" / "seeds" / "ref_functions.csv"


def check_sample(path: Path, profile: str | None, entity: str | None, config: Path | None) -> None:
    """Print what a profile makes of a file, or a profile for it; exits 1 where it cannot be read.

    Raises ConfigurationError for a file, profile or entity that is not there.
    """
    if not path.is_file():
        raise ConfigurationError(f"--sample {path}: there is no such file; check its path")
    if entity and entity not in entities():
        known = ", ".join(entities())
        raise ConfigurationError(f"--entity {entity}: there is no such entity; known are {known}")
    folder = (config or Path.cwd() / CONFIG_NAME).resolve().parent / "profiles"
    try:
        chosen = _chosen(path, profile, entity, folder if folder.is_dir() else None)
        if chosen is None:
            _print_proposal(path, entity)
            return
        trial = try_file(path, *chosen, Chart.from_csv(_FUNCTIONS))
    except ProfileError as error:
        raise ConfigurationError(str(error)) from error
    except (UnreadableFileError, UnknownEncodingError) as error:
        typer.echo(f"raaderum: {path.name} cannot be read: {error}", err=True)
        raise typer.Exit(1) from error
    _print_trial(path, trial)
    if trial.reasons or trial.missing:
        raise typer.Exit(1)


def _chosen(
    path: Path, profile: str | None, entity: str | None, folder: Path | None
) -> tuple[Profile, str] | None:
    """The profile and the entity to read the file by; None where no profile reads it."""
    if profile:
        feed = entities()[entity].feed if entity else None
        if profile == "canonical" and feed is None:
            raise ConfigurationError("--profile canonical needs --entity: it is for both systems")
        found = find_profile(profile, feed, folder)
        if entity and entity not in found.entities:
            known = ", ".join(found.entities)
            raise ConfigurationError(
                f"--entity {entity}: profile {profile} does not have it; it has {known}"
            )
        return found, entity or nearest_entity(path, found)
    able = fits(path, all_profiles(folder), entity)
    for other in able[1:4]:
        typer.echo(f"It also fits profile {other.profile.profile}, {other.entity}.", err=True)
    return (able[0].profile, able[0].entity) if able else None


def _print_proposal(path: Path, entity: str | None) -> None:
    try:
        draft = propose(path, entity)
    except (ValueError, StopIteration) as error:
        raise ConfigurationError(
            f"{path.name}: no profile reads it and none can be proposed: {error}; a draft is made"
            " of text files with a header: save it as CSV, or begin with eget_system.yml"
        ) from error
    typer.echo("No profile reads this file; a draft for profiles/NAME.yml:", err=True)
    typer.echo(draft, nl=False)


def _print_trial(path: Path, trial: Trial) -> None:
    version = f", version {trial.version}" if trial.version else ""
    typer.echo(f"{path.name}: profile {trial.profile}, entity {trial.entity}{version}")
    typer.echo(f"{trial.format}; encoding {trial.encoding}; separator {trial.separator!r}")
    typer.echo("\ncolumns")
    for column, found in trial.columns:
        typer.echo(f"  {column:<26} <- {found}")
    for title, names in (("missing", trial.missing), ("unknown, not read", trial.unknown)):
        if names:
            typer.echo(f"{title}: {', '.join(names)}")
    counted = ", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in trial.counts.items())
    typer.echo(f"\nrows: {counted}")
    for reason in trial.reasons:
        typer.echo(f"cannot be loaded: {reason}")
    for rule, rows in trial.by_rule:
        typer.echo(f"{rows:>8} {rule}")
    for item in trial.rejected:
        place = [f"row {item.row}"] if item.row is not None else []
        place += [item.column] if item.column else []
        where = f"{', '.join(place)}: " if place else ""
        typer.echo(f"  {where}{item.message}")
        typer.echo(f"      {item.remedy}")
    for number, row in enumerate(trial.stored, start=1):
        typer.echo(f"\nstored row {number}")
        for column, value in row.items():
            typer.echo(f"  {column:<26} {value}")
