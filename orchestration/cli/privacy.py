"""Commands about personal data: `erase`, `retention`, `rekey`, `landing-key`.

What belongs here: their arguments and what they print, which is counts. What does not: the work
(orchestration.privacy).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.progress import reporter
from orchestration.settings import ConfigurationError, key_in_file

if TYPE_CHECKING:
    from orchestration.privacy.erasure import Layers

_Config = Annotated[
    Path | None, typer.Option("--config", help="The configuration; default raaderum.toml here.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(erase)
    app.command()(retention)
    app.command()(rekey)
    app.command(name="landing-key")(landing_key)


def erase(
    cpr_file: Annotated[
        Path, typer.Option("--cpr-file", help="CPR numbers, one on each line; # for a comment.")
    ],
    config: _Config = None,
) -> None:
    """Erase persons from every layer, publish anew without them, and say what went (counts only).

    Ledger postings stay to the øre, without the person. A source that delivers the person again
    is ignored for those rows and named in `raaderum errors`. Delete CPR_FILE yourself afterwards.
    """
    from orchestration.privacy import commands
    from orchestration.privacy.persons import read_numbers
    from orchestration.surroundings import configuration, night

    numbers = read_numbers(cpr_file)
    settings = configuration(config)
    with reporter() as progress:
        progress.step("Erasing")
        commands.erase(night(settings, reporter=progress), numbers, _print)


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count, remove nothing.")] = False,
    config: _Config = None,
) -> None:
    """Remove what is past its retention period ([retention] in raaderum.toml); says what went."""
    from orchestration.privacy import commands
    from orchestration.surroundings import configuration, night

    settings = configuration(config)
    with reporter() as progress:
        progress.step("Looking for what is past its period")
        commands.retention(night(settings, reporter=progress), _print, dry_run)


def rekey(
    new_key_file: Annotated[
        Path, typer.Option("--new-key-file", help="The new secret, readable by its owner alone.")
    ],
    drop_erased: Annotated[
        bool,
        typer.Option("--drop-erased", help="Forget erased persons whom no file names any more."),
    ] = False,
    config: _Config = None,
) -> None:
    """Change the pseudonym key in every layer and publish anew, or say why not and change nothing.

    The old key must be set as ever. Afterwards set the new one: the old is refused from then on.
    """
    from orchestration.privacy import commands
    from orchestration.surroundings import configuration, night

    new_key = key_in_file(new_key_file)
    settings = configuration(config)
    with reporter() as progress:
        progress.step("Looking for the numbers behind the pseudonyms")
        surroundings = night(settings, reporter=progress)
        if new_key == surroundings.key:
            raise ConfigurationError(f"{new_key_file} holds the key that is in use; make a new one")
        commands.rekey(surroundings, new_key, drop_erased, _print)
    typer.echo(f"The key is now that of {new_key_file}; set it for the next run.")


def _print(layers: "Layers") -> None:
    for line in layers.lines():
        typer.echo(line)


def landing_key(
    out: Annotated[Path, typer.Option("--out", help="The file that gets the secret key.")],
) -> None:
    """Make a key for `intake.landing = "encrypt"`; prints the recipient for the settings.

    Whoever has the file can read every sealed copy: keep it off the machine that runs the nights.
    """
    import pyrage

    from orchestration.privacy.secret_files import write_secret_file

    identity = pyrage.x25519.Identity.generate()
    try:
        write_secret_file(out, str(identity))
    except FileExistsError as error:
        raise ConfigurationError(f"{out} is there already; name a new file") from error
    typer.echo(f'landing_recipient = "{identity.to_public()}"')
