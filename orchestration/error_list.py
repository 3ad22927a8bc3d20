"""The lists behind `raaderum errors`: what loading found, and what a team can put right.

What belongs here: choosing and ordering findings. What does not: printing (cli), finding (intake,
the warehouse).
"""

from dataclasses import dataclass, field
from typing import Literal

import duckdb

from orchestration.intake.raw_store import RawStore
from orchestration.intake.rules import Severity, catalogue
from orchestration.settings import ConfigurationError
from orchestration.state import State

Language = Literal["da", "en"]

ERROR_COLUMNS = (
    "load_id",
    "source",
    "entity",
    "file",
    "row_number",
    "column",
    "value",
    "rule",
    "severity",
    "message",
    "remedy",
    "record_id",
    "case_id",
)
FINDING_COLUMNS = (
    "team",
    "caseworker_id",
    "entity",
    "record_id",
    "case_id",
    "rule",
    "severity",
    "message",
    "remedy",
    "since",
    "age_days",
    "file",
    "row_number",
    "column",
)


@dataclass(frozen=True)
class Wanted:
    """Which findings are listed; None leaves a choice open. `limit` None is all of them."""

    language: Language = "en"
    load: str | None = None
    team: str | None = None
    rule: str | None = None
    severity: Severity | None = None
    limit: int | None = None

    def of_meaning(self) -> bool:
        """Whether the published list of the teams is asked for, and not the loads' own one."""
        rule = catalogue().rules[self.rule] if self.rule else None
        return self.team is not None or (rule is not None and rule.level == "meaning")

    def check(self) -> None:
        """Raise ConfigurationError for a choice that cannot be answered."""
        if self.rule is not None and self.rule not in catalogue().rules:
            raise ConfigurationError(
                f"there is no rule {self.rule}; orchestration/intake/rules.yml lists them"
            )
        if self.load is not None and self.of_meaning():
            raise ConfigurationError(
                "--load lists what one load found; a team's list is of the published run: "
                "leave --load out"
            )


@dataclass(frozen=True)
class ErrorList:
    """Some of the findings, how many there are in all, and what their columns are."""

    total: int
    rows: list[tuple[object, ...]]
    by_rule: list[tuple[str, int]] = field(default_factory=list)
    columns: tuple[str, ...] = ERROR_COLUMNS


def findings(state: State, wanted: Wanted) -> ErrorList:
    """What was found wrong, errors first. Raises ConfigurationError for what is not there."""
    wanted.check()
    return _of_teams(state, wanted) if wanted.of_meaning() else _of_loads(state, wanted)


def _of_loads(state: State, wanted: Wanted) -> ErrorList:
    """What one load found, or the newest load of every entity."""
    store = RawStore(state.raw)
    if not store.path("load_errors", "_schema").is_file():
        return ErrorList(0, [])
    with duckdb.connect() as connection:
        connection.execute(
            "create view loads as select distinct load_id, source, entity, load_seq"
            f" from read_parquet('{store.glob('load_files')}', union_by_name = true)"
        )
        arguments: dict[str, object] = {}
        if wanted.load is None:
            # An entity that was not delivered anew keeps what its last load found.
            chosen = (
                "select distinct load_id, coalesce(entity, '') from loads"
                " qualify load_seq = max(load_seq) over (partition by source, entity)"
                " union select load_id, '' from loads"
                " qualify load_seq = max(load_seq) over (partition by source)"
            )
        else:
            chosen = (
                "select load_id, entity from loads where load_id = $load"
                " union select load_id, '' from loads where load_id = $load"
            )
            arguments["load"] = wanted.load
            if not connection.execute(chosen, arguments).fetchall():
                raise ConfigurationError(
                    f"there is no load {wanted.load}; `raaderum status` names the newest"
                )
        found = (
            f"from read_parquet('{store.glob('load_errors')}', union_by_name = true)"
            f" where (load_id, coalesce(entity, '')) in ({chosen})"
        )
        columns = (
            "load_id, source, entity, file, row_number, column_name, value, rule, severity,"
            f" message_{wanted.language}, remedy_{wanted.language}, record_id, case_id"
        )
        order = "severity, load_id, entity, file, row_number, column_name, rule"
        return _listed(connection, wanted, found, columns, order, arguments, ERROR_COLUMNS)


def _of_teams(state: State, wanted: Wanted) -> ErrorList:
    """What the published run tells a team to put right, the oldest first."""
    serving = state.current / "serving.duckdb"
    if not serving.is_file():
        raise ConfigurationError("nothing is published yet; begin with `raaderum run`")
    with duckdb.connect(str(serving), read_only=True) as connection:
        teams = connection.execute(
            "select distinct team from marts.dim_organisation where team is not null order by all"
        ).fetchall()
        if wanted.team is not None and (wanted.team,) not in teams:
            known = ", ".join(team for (team,) in teams)
            raise ConfigurationError(f"there is no team {wanted.team}; the teams are {known}")
        found = "from marts.fct_quality_finding where true"
        arguments: dict[str, object] = {}
        if wanted.team is not None:
            found += " and team = $team"
            arguments["team"] = wanted.team
        columns = (
            "team, caseworker_id, entity, record_id, case_id, rule, severity,"
            f" message_{wanted.language}, remedy_{wanted.language}, since, age_days, file,"
            " row_number, column_name"
        )
        order = "severity, age_days desc nulls first, team, rule, entity, record_id, row_number"
        return _listed(connection, wanted, found, columns, order, arguments, FINDING_COLUMNS)


def _listed(
    connection: duckdb.DuckDBPyConnection,
    wanted: Wanted,
    found: str,
    columns: str,
    order: str,
    arguments: dict[str, object],
    names: tuple[str, ...],
) -> ErrorList:
    for name in ("rule", "severity"):
        value = getattr(wanted, name)
        if value is not None:
            found += f" and {name} = ${name}"
            arguments[name] = value
    by_rule = connection.execute(
        f"select rule, count(*) {found} group by rule order by 2 desc, 1", arguments
    ).fetchall()
    limit = f" limit {wanted.limit}" if wanted.limit else ""
    rows = connection.execute(
        f"select {columns} {found} order by {order}{limit}", arguments
    ).fetchall()
    return ErrorList(sum(row[1] for row in by_rule), rows, by_rule, names)
