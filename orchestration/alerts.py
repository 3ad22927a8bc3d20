"""Telling people that the night failed, once that it works again, and what waits for them.

What belongs here: what is said, to whom it is sent, and remembering since when it fails. What does
not: finding out that a night failed (nightly_run, jobs), which page helps (runbooks.yml).

The addresses are secrets: `RAADERUM_SECRET_ALERT_URLS`, or a file that `…_FILE` names, one URL of
the library apprise per line. An alert that cannot be sent is logged and fails nothing.
"""

import json
import logging
import re
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from exports.publish import read_manifest
from orchestration.intake.cpr import hide
from orchestration.settings import ConfigurationError, Settings, secret
from orchestration.state import State

URLS = "RAADERUM_SECRET_ALERT_URLS"
NIGHT = "nightly"
_KEPT_IDS = 50
_PAGES = Path(__file__).with_name("runbooks.yml")
_log = logging.getLogger("raaderum.alerts")


@dataclass(frozen=True)
class Told:
    """What is remembered between nights: since when it fails, and which runs were told of."""

    failing_since: str | None = None
    run_ids: tuple[str, ...] = ()


def tell_failure(
    settings: Settings, state: State, reason: str, run_id: str | None, work: str = NIGHT
) -> bool:
    """Say that a run of some work failed; whether it was said.

    A run that was told of already is not told of again: the command and Dagster's sensor both call
    this for the same run.
    """
    told = _remembered(state, work)
    if run_id is not None and run_id in told.run_ids:
        return False
    now = datetime.now(UTC)
    since = told.failing_since or now.isoformat(timespec="seconds")
    ids = told.run_ids if run_id is None else (*told.run_ids, run_id)[-_KEPT_IDS:]
    _remember(state, work, Told(since, ids))
    title = f"Råderum, {settings.municipality.name}: the {work} run failed"
    lines = [
        f"What: {reason}",
        f"Since: {since}" + (" (the first time)" if told.failing_since is None else ""),
        f"Still served: {served(state, now)}",
        f"Runbook: {settings.alerts.runbooks.rstrip('/')}/{runbook(reason)}",
    ]
    return _send(title, lines, "failure")


def tell_success(settings: Settings, state: State, work: str = NIGHT) -> bool:
    """Say once, after failed runs, that it works again; whether it was said."""
    told = _remembered(state, work)
    if told.failing_since is None:
        return False
    _remember(state, work, replace(told, failing_since=None))
    title = f"Råderum, {settings.municipality.name}: the {work} run works again"
    lines = [f"It had failed since {told.failing_since}.", f"Served: {served(state)}"]
    return _send(title, lines, "success")


def send_test(settings: Settings, state: State) -> None:
    """Send a message to every address. Raises ConfigurationError where one does not take it."""
    if not alert_urls():
        raise ConfigurationError(f"no alert address is set; put one per line into {URLS}")
    title = f"Råderum, {settings.municipality.name}: a test message"
    if not _send(title, ["Alerts arrive here.", f"Served: {served(state)}"], "info"):
        raise ConfigurationError(
            "at least one alert address did not take the test message; the log says which kind"
        )


def tell(title: str, lines: list[str]) -> bool:
    """Say something that somebody should do; whether every address took it."""
    return _send(title, lines, "warning")


def alert_urls() -> list[str]:
    """The addresses. Raises ConfigurationError for one that apprise does not know."""
    import apprise

    urls = (secret(URLS) or "").split()
    for number, url in enumerate(urls, start=1):
        if apprise.Apprise.instantiate(url, suppress_exceptions=True) is None:
            # Not the URL: it holds a password.
            raise ConfigurationError(
                f"{URLS}: number {number} ({url.partition(':')[0]}:…) is no address that the"
                " library apprise understands; docs/configuration.md has examples"
            )
    return urls


def served(state: State, now: datetime | None = None) -> str:
    """What readers see at the moment, as a sentence."""
    try:
        manifest = read_manifest(state.current)
    except (OSError, ValueError, TypeError):
        return "the published run cannot be read"
    if manifest is None:
        return "nothing; no run was ever published"
    age = (now or datetime.now(UTC)) - datetime.fromisoformat(manifest.published_at)
    hours = max(age.total_seconds(), 0) / 3600
    return f"run {manifest.run_id}, as of {manifest.as_of}, published {hours:.1f} hours ago"


def runbook(reason: str) -> str:
    """The page that helps with a failure, by what it says."""
    pages: list[dict[str, str]] = yaml.safe_load(_PAGES.read_text("utf-8"))["pages"]
    return next(
        page["page"] for page in pages if re.search(page["says"], reason, flags=re.IGNORECASE)
    )


def _send(title: str, lines: list[str], kind: str) -> bool:
    """Send to every address; False where one of them did not take it, or there is none."""
    import apprise

    try:
        urls = alert_urls()
        if not urls:
            return False
        sender = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Råderum"))
        for url in urls:
            sender.add(url)
        sent = sender.notify(
            title=hide(title),
            body=hide("\n".join(lines)),
            notify_type=kind,
            body_format=apprise.NotifyFormat.TEXT,
        )
    except Exception:
        # Whatever a mail server or a library does: the night's own outcome stands.
        _log.exception("the alert could not be sent")
        return False
    if not sent:
        _log.error("an alert address did not take the message: %s", title)
    return bool(sent)


def _memory(state: State, work: str) -> Path:
    return state.home / f"alerts-{work}.json"


def _remembered(state: State, work: str) -> Told:
    try:
        found: dict[str, Any] = json.loads(_memory(state, work).read_text("utf-8"))
        return Told(found["failing_since"], tuple(found["run_ids"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Told()


def _remember(state: State, work: str, told: Told) -> None:
    """Keep it for the next night; a full disk is no reason to say nothing."""
    partial = _memory(state, work).with_suffix(".part")
    try:
        partial.write_text(json.dumps(asdict(told)), "utf-8")
        partial.replace(_memory(state, work))
    except OSError:
        _log.exception("what was told could not be remembered")
