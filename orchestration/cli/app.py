"""The application: its commands by group, and what becomes of an error.

What belongs here: putting the commands together. What does not: the commands.
"""

import logging
import os
import sys
import traceback
from datetime import UTC, datetime

import typer

from orchestration.cli import bi, committee, inspection, nightly, privacy, tools, trials
from orchestration.intake.cpr import mask
from orchestration.privacy import access_log
from orchestration.refusal import Refusal
from orchestration.settings import ConfigurationError, home

app = typer.Typer(
    name="raaderum",
    help="""Råderum: from the night's exports to a budget that is kept.

    Every night it reads the exports of the case system and the finance system, builds a warehouse
    that agrees with the ledger to the øre, forecasts expenditure with honest intervals, and
    publishes it all as one run.

    Begin with `raaderum demo`. Then: write raaderum.toml, `raaderum check`, `raaderum run`.
    """,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Configuration: raaderum.toml. State: $RAADERUM_HOME (default var/). "
    "Exit codes: 0 done, 1 the data or a check stopped it, 2 wrong usage or configuration.",
)
nightly.register(app)
inspection.register(app)
tools.register(app)
committee.register(app)
trials.register(app)
privacy.register(app)
bi.register(app)


def main() -> None:
    """Run the command and log who did; the error of either is one sentence."""
    arguments = sys.argv[1:]
    if not access_log.reads_data(arguments):
        sys.exit(_run())
    try:
        access = access_log.begin(home() / "log", arguments)
    except OSError as error:
        _say(f"the access log cannot be written, so nothing was read: {error}")
        sys.exit(2)
    exit_code = _run()
    access_log.end(access, exit_code)
    sys.exit(exit_code)


def _run() -> int:
    """Run the command; its exit code. An error's traceback goes to a log file."""
    try:
        app()
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    except ConfigurationError as error:
        _say(str(error))
        return 2
    except Refusal as refusal:
        _say(str(refusal))
        return 1
    except KeyboardInterrupt:
        _say("interrupted; what was published before stays")
        return 130
    except Exception as error:
        _say(f"{_sentence(error)} (details: {_keep_traceback()})")
        return 1
    return 0


def _say(sentence: str) -> None:
    typer.secho(f"raaderum: {mask(sentence)}", err=True)


def _sentence(error: Exception) -> str:
    text = str(error).strip().split("\n")[0]
    return text or type(error).__name__


def _keep_traceback() -> str:
    """Where the traceback lies; a full disk must not hide the sentence."""
    folder = home() / "log"
    path = folder / f"error-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(mask(traceback.format_exc()), encoding="utf-8")
    except OSError as error:
        return f"not kept, {error.strerror}"
    logging.getLogger("raaderum").debug("traceback kept in %s", path)
    return str(path)
