"""The intake step: load every source, settle the as-of date, and give the run its identity.

What belongs here: several sources in one night, whether anything is new, `raw.run`.
What does not: how one source is loaded (intake.load).
"""

import calendar
import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from orchestration import scenario_files
from orchestration.intake.accounts import Chart
from orchestration.intake.arrivals import Source
from orchestration.intake.cpr import Pseudonymiser
from orchestration.intake.entity_load import chart_hash
from orchestration.intake.load import Limits, LoadReport, Workplace, load_source
from orchestration.intake.profiles import ProfileError, find_profile
from orchestration.intake.raw_store import RUN, RawStore, write
from orchestration.intake.sources import open_source
from orchestration.intake.sources.base import Context, LocationError, SourceUnavailableError
from orchestration.intake.sources.options import SourceOptions
from orchestration.privacy.erasure import finish_erasure
from orchestration.privacy.errors import numbers_hidden
from orchestration.privacy.landing_at_rest import KEY_VARIABLE as LANDING_KEY
from orchestration.privacy.landing_at_rest import AtRest, at_rest, settle
from orchestration.privacy.landing_purge import purge_delivered_again
from orchestration.privacy.protection import protect
from orchestration.privacy.rekey import discard
from orchestration.settings import ROOT, ConfigurationError, Settings, secret
from orchestration.state import State
from orchestration.steps.adopted import write_initiatives
from orchestration.steps.checks import forget_checks
from orchestration.version import code_version

FUNCTIONS = ROOT / "dbt_project" / "seeds" / "ref_functions.csv"
_NEARLY_OVER = timedelta(days=5)
_log = logging.getLogger("raaderum.intake")


class SourceStoppedError(RuntimeError):
    """A source is past its limits: nothing of it was loaded and nothing is published."""


@dataclass(frozen=True)
class Run:
    """What identifies one night: the same data, settings and code give the same run id."""

    run_id: str
    as_of: date
    data_version: str
    code_version: str
    load_ids: tuple[str, ...]


@dataclass(frozen=True)
class Intake:
    """The outcome of the step. `nothing_new`: the published run already says all of it."""

    run: Run
    reports: tuple[LoadReport, ...]
    nothing_new: bool


def sources(settings: Settings) -> list[Source]:
    """The configured sources with their profiles. Raises ConfigurationError."""
    own_profiles = settings.folder / "profiles"
    found = []
    for name, configured in settings.sources.items():
        feed = configured.feed or {"cases": "cases", "finance": "finance"}.get(name)
        try:
            profile = find_profile(configured.profile, feed, own_profiles)  # type: ignore[arg-type]
        except ProfileError as error:
            raise ConfigurationError(f"sources.{name}: {error}") from error
        context = Context(name, configured, settings.folder, secret, profile)
        try:
            found.append(Source(name, profile, open_source(configured.location, context)))
        except LocationError as error:
            raise ConfigurationError(f"sources.{name}: {error}") from error
    if not found:
        raise ConfigurationError(
            "no source is configured; add [sources.cases] or [sources.finance]"
        )
    return found


def workplace(settings: Settings, state: State, key: bytes) -> Workplace:
    """What every load of the night shares."""
    return Workplace(
        store=RawStore(state.raw),
        landing=state.landing,
        secret=Pseudonymiser(key),
        chart=Chart.from_csv(FUNCTIONS),
        # New code may read the same file in another way, so it reads it again.
        chart_hash=chart_hash(FUNCTIONS.read_bytes()) + code_version(),
        memory_limit=settings.intake.memory_limit,
        limits=Limits(settings.thresholds.rejected_share, settings.thresholds.row_drop_share),
        silent=frozenset(settings.quality.silent),
    )


def landing_rest(settings: Settings) -> AtRest:
    """What becomes of delivered copies. Raises ConfigurationError."""
    how, recipient = settings.intake.landing, settings.intake.landing_recipient
    return at_rest(how, recipient, secret(LANDING_KEY))


def take_in(
    settings: Settings,
    state: State,
    key: bytes,
    today: date,
    as_of: date | None = None,
    full: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> Intake:
    """Load what is new, and write `raw.run` and `raw.initiatives`.

    Every source is tried before the night is stopped, so that one look shows all that is wrong.
    Raises SourceStoppedError, SourceUnavailableError, ConfigurationError.
    """
    configured = sources(settings)
    place = workplace(settings, state, key)
    place.store.prepare()
    rest = landing_rest(settings)
    # What a killed erasure left undone is done first, and the night makes everything anew.
    discard(state)
    full = finish_erasure(state, place.secret) or full
    # What a killed run left lies open until the next one begins.
    settle(state.landing, rest)
    try:
        done, out_of_reach = numbers_hidden(lambda: _load_all(configured, place, report))
    finally:
        settle(state.landing, rest)
    protect(state)
    purge_delivered_again(state.landing, place.store, [item.load_id for item in done])
    _stop_where_needed(done, out_of_reach)
    today = _not_before_the_last_run(place.store, today)
    scenarios = scenario_files.identity(state)
    run = _identify(settings, place.store, as_of or _data_as_of(place.store, today), scenarios)
    nothing_new = not full and published_run(state) == run.run_id
    if not nothing_new:
        forget_checks(state)
        write_initiatives(settings.initiatives, place.store)
        _write_run(settings, place.store, run)
    return Intake(run, done, nothing_new)


def _load_all(
    configured: list[Source], place: Workplace, report: Callable[[str], None]
) -> tuple[tuple[LoadReport, ...], list[SourceUnavailableError]]:
    """What was loaded, and the errors of the sources that could not be reached."""
    done, out_of_reach = [], []
    for source in configured:
        try:
            loaded = load_source(source, place, report)
        except SourceUnavailableError as error:
            out_of_reach.append(error)
        else:
            done += [loaded] if loaded else []
    return tuple(done), out_of_reach


def _stop_where_needed(
    done: tuple[LoadReport, ...], out_of_reach: list[SourceUnavailableError]
) -> None:
    """Raise SourceStoppedError or SourceUnavailableError, with all that stops the night."""
    reasons = [
        f"source {item.source}: {'; '.join(item.stopped_because)}"
        for item in done
        if item.stopped_because
    ]
    if reasons:
        reasons += [str(error) for error in out_of_reach]
        raise SourceStoppedError(
            ". ".join(reasons) + ". Nothing was published; `raaderum errors` lists the rows"
        )
    if out_of_reach:
        raise SourceUnavailableError(". ".join(str(error) for error in out_of_reach))


def _data_as_of(store: RawStore, today: date) -> date:
    """The day up to which the data tells: its newest event, not a day in the future.

    A measure's start is no event: it is granted ahead.

    Where that lies in the last days of a month that is over, the month counts as told to its end
    (a ledger has no postings at a weekend). Without any event it is `today`.
    """
    events = {
        "postings": "posting_date",
        "notifications": "cast(received_at as date)",
        "cases": "opened_on",
    }
    unions = " union all ".join(
        f"select max({column}) as day from read_parquet('{store.glob(table)}')"
        f" where {column} <= $today"
        for table, column in events.items()
    )
    with duckdb.connect() as connection:
        row = connection.execute(f"select max(day) from ({unions})", {"today": today}).fetchone()
    newest: date | None = row[0] if row else None
    if newest is None:
        return today
    month_end = newest.replace(day=calendar.monthrange(newest.year, newest.month)[1])
    nearly_over = month_end - newest <= _NEARLY_OVER
    return month_end if nearly_over and month_end < today else newest


def _identify(settings: Settings, store: RawStore, as_of: date, scenarios: str) -> Run:
    """The run's identity, from the content of every source's newest load and kept scenario."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "with loads as (select * from read_parquet(?, union_by_name = true)"
            " where state <> 'stopped' qualify load_seq >= coalesce(max(load_seq) filter"
            " (delivery = 'snapshot' and state = 'loaded') over (partition by source, entity), 0))"
            " select source, entity, file, sha256, reading_hash, load_id from loads"
            " where list_contains(?, source) order by all",
            [store.glob("load_files"), list(settings.sources)],
        ).fetchall()
    data_version = hashlib.sha256(repr([row[:5] for row in rows]).encode()).hexdigest()[:12]
    # How a source is reached, and what becomes of the result, says nothing of what is in it.
    reached = {name: set(SourceOptions.model_fields) for name in settings.sources}
    elsewhere = dict.fromkeys(("publish", "intake", "night", "alerts", "retention"), True)
    decided = settings.model_dump_json(exclude={**elsewhere, "sources": reached})
    parts = [data_version, decided, code_version(), as_of.isoformat()]
    identity = "\n".join([*parts, *([scenarios] if scenarios else [])])
    run_id = f"{as_of:%Y%m%d}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"
    load_ids = tuple(sorted({row[5] for row in rows}))
    return Run(run_id, as_of, data_version, code_version(), load_ids)


def published_run(state: State) -> str | None:
    """The id of the published run; None where nothing is published."""
    manifest = state.current / "manifest.json"
    if not manifest.is_file():
        return None
    return str(json.loads(manifest.read_text("utf-8"))["run_id"])


def _not_before_the_last_run(store: RawStore, today: date) -> date:
    """`today`, or the day of the newest load where the clock was set back since.

    An earlier day would take the view back to it, and publish that.
    """
    with duckdb.connect() as connection:
        row = connection.execute(
            "select max(loaded_at)::date from read_parquet(?, union_by_name = true)",
            [store.glob("load_files")],
        ).fetchone()
    newest: date | None = row[0] if row else None
    if newest is None or newest <= today:
        return today
    _log.warning("the clock says %s, but the last load was on %s: that day counts", today, newest)
    return newest


def _write_run(settings: Settings, store: RawStore, run: Run) -> None:
    """Write `raw.run` and, beside it, the load ids for the manifest."""
    values = {
        "run_id": run.run_id,
        "as_of": run.as_of,
        "municipality_name": settings.municipality.name,
        "municipality_code": settings.municipality.code,
        "language": settings.municipality.language,
        "code_version": run.code_version,
        "data_version": run.data_version,
        "horizon_months": settings.forecast.horizon_months,
    }
    with duckdb.connect() as connection:
        fields = ", ".join(f"{name} {kind}" for name, kind in RUN.items())
        connection.execute(f"create table run ({fields})")
        marks = ", ".join("?" * len(RUN))
        connection.execute(f"insert into run values ({marks})", [values[name] for name in RUN])
        write(connection, "select * from run", store.path("run", "run"))
    partial = store.root / "run" / "loads.json.part"
    partial.write_text(json.dumps(run.load_ids), "utf-8")
    partial.replace(store.root / "run" / "loads.json")


def read_run(state: State) -> Run:
    """The run that intake identified last."""
    store = RawStore(state.raw)
    with duckdb.connect() as connection:
        row = connection.execute(
            "select run_id, as_of, data_version, code_version from"
            f" read_parquet('{store.path('run', 'run').as_posix()}')"
        ).fetchone()
    if row is None:
        raise RuntimeError("raw.run is empty: intake has not run")
    load_ids = json.loads((store.root / "run" / "loads.json").read_text("utf-8"))
    run_id, as_of, data_version, code = row
    return Run(run_id, as_of, data_version, code, tuple(load_ids))
