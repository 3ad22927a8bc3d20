"""What can be told about configuration, loads and the published run, without changing anything.

What belongs here: findings as plain values. What does not: printing (cli), repairing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import duckdb

from exports.language import Language
from exports.publish import PostgreSQLError, check_postgresql, read_manifest
from orchestration.alerts import alert_urls
from orchestration.committee.targets import target
from orchestration.intake.arrivals import Source
from orchestration.intake.raw_store import RawStore
from orchestration.intake.sources.base import SourceUnavailableError
from orchestration.privacy.keys import fingerprint, known_fingerprint, require_same_key
from orchestration.settings import ConfigurationError, Settings, pseudonym_key
from orchestration.state import State
from orchestration.steps.checks import read_checks
from orchestration.steps.intake import landing_rest, sources
from orchestration.steps.publishing import database_target


@dataclass(frozen=True)
class Finding:
    """One thing that a night needs, and whether it is usable."""

    what: str
    usable: bool
    detail: str


def usable(settings: Settings, state: State) -> list[Finding]:
    """Every source, secret and target of the configuration, tried one by one."""
    findings = [_tried("municipality", lambda: settings.municipality.name)]
    findings.append(_tried("pseudonym key", lambda: _key(state)))
    findings.append(_tried("landing", lambda: _landing(settings)))
    findings.append(_tried("state folder", lambda: _writable(state)))
    findings.append(_tried("alerts", _alerts))
    if settings.publish.postgresql:
        findings.append(_tried("PostgreSQL target", lambda: _database(settings)))
    findings += [_committee_target(settings, name) for name in settings.committee.targets]
    try:
        configured = sources(settings)
    except ConfigurationError as error:
        return [*findings, Finding("sources", False, str(error))]
    return findings + [_source(source) for source in configured]


def _source(source: Source) -> Finding:
    """Whether a source can be reached, and what it has for each entity of its profile."""
    name = f"source {source.name} ({source.profile.profile})"
    try:
        offered = source.origin.offered()
    except SourceUnavailableError as error:
        return Finding(name, False, str(error))
    finally:
        source.origin.close()
    by_entity = {
        entity: [item for item in offered if source.takes(entity, item.name)]
        for entity in source.profile.entities
    }
    found = [f"{entity} {len(items)}" for entity, items in by_entity.items() if items]
    missing = [entity for entity, items in by_entity.items() if not items]
    detail = f"{len(offered)} files or tables in {source.origin.where}: "
    detail += ", ".join(found) or "none of its profile"
    detail += f"; nothing for {', '.join(missing)}" if found and missing else ""
    unsettled = sum(item.unsettled for item in offered)
    detail += f"; {unsettled} still being written" if unsettled else ""
    return Finding(name, bool(found), detail)


def _tried(what: str, attempt: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, attempt())
    except (ConfigurationError, OSError, PostgreSQLError) as error:
        return Finding(what, False, str(error))


def _committee_target(settings: Settings, name: str) -> Finding:
    """Whether a target can be what it is configured to be; nothing is sent."""
    return _tried(f"committee target {name}", lambda: target(settings, name).where)


def _key(state: State) -> str:
    """The key's fingerprint, compared with the one that the state folder was made with."""
    key = pseudonym_key()
    known = known_fingerprint(state.raw)
    if known not in (None, fingerprint(key)):
        require_same_key(state.raw, key)
    return f"{len(key)} signs, fingerprint {fingerprint(key)}"


def _landing(settings: Settings) -> str:
    rest = landing_rest(settings)
    if rest.how == "keep":
        days = settings.retention.landing_days
        kept = f"for {days} days" if days else "without end"
        return f'delivered copies are kept {kept} in plain text; intake.landing = "encrypt" seals'
    if rest.how == "remove":
        return "delivered copies are removed after the load"
    can = "can be opened here" if rest.identity else "cannot be opened here"
    return f"delivered copies are encrypted and {can}"


def _alerts() -> str:
    addresses = len(alert_urls())
    return f"{addresses} addresses; --alert sends a test" if addresses else "nobody is told"


def _database(settings: Settings) -> str:
    target = database_target(settings)
    return check_postgresql(target) if target else "none"


def _writable(state: State) -> str:
    state.prepare()
    probe = state.home / ".writable"
    probe.write_text("", encoding="utf-8")
    probe.unlink()
    return str(state.home)


@dataclass(frozen=True)
class LoadStatus:
    """The newest load of one source."""

    load_id: str
    source: str
    state: str
    loaded_at: datetime
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    rows_superseded: int
    rows_out_of_scope: int
    rows_vanished: int = 0
    rows_returned: int = 0

    def sentence(self) -> str:
        """The load and what became of its rows."""
        return (
            f"{self.load_id} ({self.state}, {self.loaded_at} UTC): {self.rows_read} rows ="
            f" {self.rows_loaded} loaded + {self.rows_rejected} rejected +"
            f" {self.rows_superseded} superseded + {self.rows_out_of_scope} out of scope;"
            f" {self.rows_vanished} vanished, {self.rows_returned} returned"
        )


@dataclass(frozen=True)
class Outturn:
    """The current year's expected outturn; amounts in DKK, None where they are not known."""

    year: int
    original_budget: float | None
    adjusted_budget: float | None
    actual_to_date: float | None
    mean: float | None
    p10: float | None
    p90: float | None
    probability_over_budget: float | None


@dataclass(frozen=True)
class Status:
    """All that `raaderum status` tells."""

    published_run: str | None = None
    as_of: str | None = None
    published_at: str | None = None
    age_hours: float | None = None
    path: str | None = None
    loads: tuple[LoadStatus, ...] = ()
    rejected_rows: int = 0
    checks: dict[str, int] = field(default_factory=dict)
    failed_checks: tuple[str, ...] = ()
    outturn: Outturn | None = None

    def lines(self) -> list[tuple[str, str]]:
        """Label and text, for a person."""
        lang = Language("en")
        if self.published_run is None:
            published = "nothing is published yet; begin with `raaderum run`"
        else:
            published = f"{self.published_run}, as of {self.as_of}, {self.age_hours:.1f} hours old"
        found = [("Published run", published)]
        if self.path:
            found.append(("Path", self.path))
        found += [(f"Last load, {load.source}", load.sentence()) for load in self.loads]
        counts = ", ".join(f"{number} {name}" for name, number in sorted(self.checks.items()))
        found.append(("Checks", counts or "none recorded"))
        found += [("Failed check", name) for name in self.failed_checks]
        if self.outturn and self.outturn.mean is not None:
            out = self.outturn
            text = f"{lang.amount(out.mean)} ({lang.amount(out.p10)} to {lang.amount(out.p90)})"
            if out.adjusted_budget is not None:
                text += f", adjusted budget {lang.amount(out.adjusted_budget)}"
            if out.probability_over_budget is not None:
                text += f", probability over budget {out.probability_over_budget:.0%}"
            found.append((f"Expected outturn {out.year}", text))
        return found


def current_status(state: State) -> Status:
    """The status of the state folder; empty parts where nothing has happened yet."""
    loads = _newest_loads(state)
    checks = read_checks(state)
    manifest = read_manifest(state.current)
    found = Status(
        loads=loads,
        rejected_rows=sum(load.rows_rejected for load in loads),
        checks=checks.counts,
        failed_checks=checks.failed,
    )
    if manifest is None:
        return found
    age = datetime.now(UTC) - datetime.fromisoformat(manifest.published_at)
    return replace(
        found,
        published_run=manifest.run_id,
        as_of=manifest.as_of,
        published_at=manifest.published_at,
        age_hours=round(age.total_seconds() / 3600, 2),
        path=str(state.current),
        outturn=_outturn(state),
    )


def _newest_loads(state: State) -> tuple[LoadStatus, ...]:
    store = RawStore(state.raw)
    if not store.path("load_files", "_schema").is_file():
        return ()
    with duckdb.connect() as connection:
        rows = connection.execute(
            "with files as (select * from read_parquet(?, union_by_name = true)"
            " qualify load_seq = max(load_seq) over (partition by source))"
            " select load_id, source, max(state), max(loaded_at), sum(rows_read)::bigint,"
            " sum(rows_loaded)::bigint, sum(rows_rejected)::bigint,"
            " sum(rows_superseded)::bigint, sum(rows_out_of_scope)::bigint,"
            " coalesce(sum(rows_vanished), 0)::bigint, coalesce(sum(rows_returned), 0)::bigint"
            " from files group by load_id, source order by source",
            [store.glob("load_files")],
        ).fetchall()
    return tuple(LoadStatus(*row) for row in rows)


def _outturn(state: State) -> Outturn | None:
    with duckdb.connect(str(state.current / "serving.duckdb"), read_only=True) as connection:
        row = connection.execute(
            "select o.year, original_budget, adjusted_budget, actual_to_date, mean, p10, p90,"
            " probability_over_budget from reporting.rpt_outturn o"
            " join reporting.rpt_run r on o.year = r.current_year where level = 'total'"
        ).fetchone()
    if row is None:
        return None
    return Outturn(row[0], *(None if value is None else float(value) for value in row[1:]))
