"""`raaderum erase`, `retention` and `rekey` as functions: under the lock, and with the night after.

What belongs here: the lock, the order, and the night that publishes what is left. What does not:
arguments and printing (cli.privacy), the work in each layer.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime

from dagster._core.utils import make_new_run_id

from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.load import reading_hash
from orchestration.nightly_run import run_alone
from orchestration.privacy.erasure import Layers, erase_entries, erase_numbers, finish_erasure
from orchestration.privacy.landing_at_rest import clean, settle
from orchestration.privacy.originals import Originals
from orchestration.privacy.rekey import commit, prepare, require_all, required_tokens
from orchestration.privacy.retention import find_expired, remove_expired
from orchestration.privacy.transition import BothKeys
from orchestration.refusal import Refusal
from orchestration.resources import Night
from orchestration.run_lock import exclusive
from orchestration.steps.intake import landing_rest, sources, workplace


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


def rekey(
    night: Night, new_key: bytes, drop_erased: bool, report: Callable[[Layers], None]
) -> None:
    """Give every pseudonym a new one under `new_key`, then build and publish everything with it.

    Raises CannotRekeyError where an original is gone, and as `erase`; then nothing was changed.
    """
    state, old, new = night.state, Pseudonymiser(night.key), Pseudonymiser(new_key)
    place = workplace(night.settings, state, night.key)
    originals = Originals(
        place.store,
        state.landing,
        landing_rest(night.settings),
        tuple(sources(night.settings)),
        place.chart,
    )
    with _alone(night, "raaderum rekey"):
        clean(state.landing)
        place.store.prepare()
        finish_erasure(state, old)
        tokens, register = required_tokens(state)
        try:
            mapping = originals.mapping(BothKeys(night.key, new=new), tokens | register)
        finally:
            settle(state.landing, originals.rest)
        require_all(state, mapping, drop_erased)
        hashes = {
            reading_hash(source.profile, place): reading_hash(
                source.profile, replace(place, secret=new)
            )
            for source in originals.sources
        }
        files = prepare(state, mapping, new, hashes)
        commit(state)
        report(Layers((("pseudonyms changed", len(tokens)), ("raw files rewritten", files))))
        result = run_alone(replace(night, key=new_key, full=True), make_new_run_id())
    if not result.published:
        raise RebuildError(
            "the state folder has the new key now, but what is published still has the old "
            f"pseudonyms, because the night after it failed: {result.reason}. Set the new key, "
            "repair that and run `raaderum run`"
        )


def _alone(night: Night, work: str) -> AbstractContextManager[None]:
    return exclusive(night.state, night.settings.night.wait_minutes * 60, work)


def _rebuild(night: Night) -> None:
    result = run_alone(replace(night, full=True), make_new_run_id())
    if not result.published:
        raise RebuildError(
            "the persons are out of the delivered copies, the raw layer and the history, but what "
            f"is published still holds them, because the night after it failed: {result.reason}. "
            "Repair that and run `raaderum run`, which finishes the erasure"
        )
