"""`raaderum erase`, `retention` and `rekey` as functions: under the lock, and with the night after.

What belongs here: the lock, the order, and the night that publishes what is left. What does not:
arguments and printing (cli.privacy), the work in each layer.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from orchestration.intake.cpr import Pseudonymiser
from orchestration.nightly_run import run_alone
from orchestration.privacy.erasure import Layers, erase_entries, erase_numbers, finish_erasure
from orchestration.privacy.landing_at_rest import clean
from orchestration.privacy.retention import find_expired, remove_expired
from orchestration.refusal import Refusal
from orchestration.resources import Night
from orchestration.run_lock import exclusive
from orchestration.steps.intake import landing_rest, sources


class RebuildError(Refusal):
    """The data is gone from our layers, but what is published was not made anew."""


def erase(night: Night, numbers: list[str], report: Callable[[Layers], None]) -> None:
    """Erase persons by CPR number, then build and publish everything without them.

    Raises ConfigurationError, LockHeldError, and RebuildError where the night after it fails.
    """
    rest = landing_rest(night.settings)
    sources(night.settings)
    with _alone(night, "raaderum erase"):
        clean(night.state.landing)
        secret = Pseudonymiser(night.key)
        report(erase_numbers(night.state, rest, secret, numbers))
        _rebuild(night)


def retention(night: Night, report: Callable[[Layers], None], dry_run: bool) -> None:
    """Remove what is past its period; with `dry_run` only count it.

    Raises as `erase`; a night is needed only where persons went.
    """
    sources(night.settings)
    now = datetime.now(UTC)
    periods = night.settings.retention
    with _alone(night, "raaderum retention"):
        expired = find_expired(night.state, periods, now)
        report(expired.layers())
        if dry_run:
            return
        remove_expired(night.state, periods, expired, now)
        secret = Pseudonymiser(night.key)
        if expired.persons:
            report(erase_entries(night.state, secret, expired.persons))
        if expired.persons or finish_erasure(night.state, secret):
            _rebuild(night)


def _alone(night: Night, work: str):  # type: ignore[no-untyped-def]
    return exclusive(night.state, night.settings.night.wait_minutes * 60, work)


def _rebuild(night: Night) -> None:
    result = run_alone(replace(night, full=True))
    if not result.published:
        raise RebuildError(
            "the persons are out of the delivered copies, the raw layer and the history, but what "
            f"is published still holds them, because the night after it failed: {result.reason}. "
            "Repair that and run `raaderum run`, which finishes the erasure"
        )
