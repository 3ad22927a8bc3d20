"""Commands about personal data: `landing-key`.

What belongs here: their arguments and what they print, which is counts. What does not: the work
(orchestration.privacy).
"""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.settings import ConfigurationError


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(name="landing-key")(landing_key)


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
