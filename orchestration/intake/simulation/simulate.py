"""A simulated municipality's exports, block by block.

What belongs here: the order of the work. A block of children is lived, granted, booked and put
aside; what concerns the whole municipality follows; then every entity is written. Each block has
its own generators, so a larger municipality begins with the same children as a smaller one.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from orchestration.intake.simulation import casework, dirt, ledger, truth
from orchestration.intake.simulation.budget import budget_frame, order_plan_frame, secure_ore
from orchestration.intake.simulation.engine import Engine
from orchestration.intake.simulation.log import EventLog
from orchestration.intake.simulation.measures import (
    known_measures,
    make_measures,
    measures_frame,
)
from orchestration.intake.simulation.organisation import (
    FULL_BLOCK,
    Caseworkers,
    Providers,
    caseworkers_frame,
    make_caseworkers,
    make_providers,
    providers_frame,
)
from orchestration.intake.simulation.parameters import Parameters, SimulationRequest
from orchestration.intake.simulation.policy import Policy, make_policy
from orchestration.intake.simulation.population import (
    Population,
    children_frame,
    known_at_cut,
    make_population,
)
from orchestration.intake.simulation.spool import Spool, WriteEntity, canonical_writer
from orchestration.intake.simulation.state import State, new_state
from orchestration.intake.simulation.totals import Totals, add_costs, new_totals

Progress = Callable[[str, float], None]
ENTITIES = (
    "children",
    "cases",
    "measures",
    "notifications",
    "assessments",
    "plans",
    "follow_ups",
    "caseworkers",
    "providers",
    "order_plan",
    "postings",
    "budget",
)
_STREAMS = ("people", "lives", "grants", "paper", "workers", "money", "dirt", "future", "effects")


@dataclass(frozen=True)
class _Run:
    """What stays the same from block to block."""

    p: Parameters
    texts: dict[str, Any]
    policy: Policy
    totals: Totals
    spool: Spool


def simulate(
    request: SimulationRequest,
    out: Path,
    write: WriteEntity | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a simulated municipality to `out/cases`, `out/finance` and `out/truth`.

    `write` receives every entity of `cases` and `finance`; without it they are canonical CSV.
    `progress` is told the stage and the share done. Raises OSError if `out` cannot be written.
    """
    tell = progress or (lambda stage, share: None)
    folder = files("orchestration.intake.simulation")
    texts = yaml.safe_load((folder / "texts.yml").read_text(encoding="utf-8"))
    p = Parameters.load(request)
    spool = Spool(out / "truth" / ".spool")
    run = _Run(p, texts, make_policy(p), new_totals(p), spool)
    blocks = -(-request.children // FULL_BLOCK)
    for block in range(blocks):
        size = min(FULL_BLOCK, request.children - block * FULL_BLOCK)
        _simulate_block(run, block, size, blocks)
        tell("children", 0.85 * (block + 1) / blocks)
    _whole_municipality(run)
    tell("budget", 0.87)
    writer = write or canonical_writer(out)
    for i, entity in enumerate(ENTITIES):
        writer(entity, spool.frames(entity))
        tell(entity, 0.87 + 0.1 * (i + 1) / len(ENTITIES))
    truth.write(p, run.totals, spool, out / "truth")
    shutil.rmtree(out / "truth" / ".spool")
    tell("done", 1.0)


def _seeds(p: Parameters, block: int) -> dict[str, np.random.SeedSequence]:
    """A generator's seed for each part of a block's work."""
    root = np.random.SeedSequence(entropy=p.request.seed, spawn_key=(block,))
    return dict(zip(_STREAMS, root.spawn(len(_STREAMS)), strict=True))


def _simulate_block(run: _Run, block: int, size: int, blocks: int) -> None:
    p, seeds = run.p, _seeds(run.p, block)
    population = make_population(p, block, size, np.random.default_rng(seeds["people"]))
    log, at_start, at_cut = _live(run, population, seeds["lives"])
    providers = make_providers(p, run.texts, block, size)
    grants = np.random.default_rng(seeds["grants"])
    measures = make_measures(p, population, log, providers, grants)
    team = casework.team_of_cases(population, log.cases())
    workers = make_caseworkers(p, run.policy, log, team, block, seeds["workers"])
    _case_system(run, population, log, providers, measures, team, workers, grants, seeds)
    _finance_system(run, population, providers, measures, workers, seeds)
    truth.add_future(p, run.policy, run.totals, at_cut, workers, seeds["future"])
    if at_start is not None:
        truth.add_effects(p, run.totals, at_start, block, blocks, seeds["effects"])


def _live(
    run: _Run, population: Population, seed: np.random.SeedSequence
) -> tuple[EventLog, State | None, State]:
    """The block's history, with its state before the first initiative and at the cut."""
    p = run.p
    log = EventLog()
    state = new_state(population, len(p.type_keys) - p.placements, seed)
    engine = Engine(p, run.policy, log)
    first_initiative = truth.first_initiative(p)
    at_start, at_cut = None, state
    for t in range(p.last + 3):
        if t == first_initiative and t <= p.last:
            at_start = state.snapshot()
        engine.step(state, t)
        if t == p.last:
            at_cut = state.snapshot()
    return log, at_start, at_cut


def _case_system(
    run: _Run,
    population: Population,
    log: EventLog,
    providers: Providers,
    measures: pd.DataFrame,
    team: Any,
    workers: Caseworkers,
    grants: np.random.Generator,
    seeds: dict[str, np.random.SeedSequence],
) -> None:
    """Put the block's case system aside."""
    p, texts, spool = run.p, run.texts, run.spool
    paper = np.random.default_rng(seeds["paper"])
    ids = casework.case_ids(population.block, len(log.cases()))
    opened = log.cases()["opened"].to_numpy()
    known = known_measures(p, measures, grants)
    others = texts["other_municipalities"]
    cases, _ = casework.cases_frame(p, population, log, team, workers, others, paper)
    frame = measures_frame(p, texts, population, providers, known, measures, ids)
    kept = frame["case_id"].isin(cases["case_id"]).to_numpy()
    known, frame = known[kept], frame[kept].copy()
    there = frame["replaces_measure_id"].isin(frame["measure_id"])
    frame["replaces_measure_id"] = frame["replaces_measure_id"].where(there, None)
    spool.add("children", children_frame(p, population, known_at_cut(p, population)))
    spool.add("cases", cases)
    spool.add("measures", frame)
    spool.add("notifications", casework.notifications_frame(p, population, log, paper))
    assessments = casework.assessments_frame(p, population, log)
    spool.add("assessments", assessments[assessments["case_id"].isin(cases["case_id"])])
    plans = casework.plans_frame(p, population, known, texts, ids, opened, paper)
    spool.add("plans", plans)
    follow_ups = casework.follow_ups_frame(p, population, known, texts, ids, paper)
    spool.add("follow_ups", follow_ups)
    spool.add("caseworkers", caseworkers_frame(p, workers))
    spool.add("providers", providers_frame(p, providers))
    spool.add("persons", truth.persons_frame(population, known_at_cut(p, population)))


def _finance_system(
    run: _Run,
    population: Population,
    providers: Providers,
    measures: pd.DataFrame,
    workers: Caseworkers,
    seeds: dict[str, np.random.SeedSequence],
) -> None:
    """Put the block's ledger aside, with the truth about every posting."""
    p = run.p
    money, mess = (np.random.default_rng(seeds[s]) for s in ("money", "dirt"))
    costs = ledger.cost_lines(p, measures)
    add_costs(p, run.totals, measures, providers, costs)
    income = ledger.parental_payments(p, population, measures, costs, money)
    pay = ledger.pay_lines(p, workers)
    counted = ledger.counted_costs(p, population, costs, income)
    earned = ledger.household_refunds(p, counted)
    refunds = ledger.refund_lines(p, counted, earned, money)
    np.add.at(run.totals.pay, pay["t"].to_numpy(), pay["amount"].to_numpy())
    np.add.at(run.totals.month_refund, earned["t"].to_numpy(), earned["refund"].to_numpy())
    np.add.at(run.totals.past_refund, refunds["t"].to_numpy(), -refunds["amount"].to_numpy())
    booked = ledger.invoices(p, measures, providers, costs, money)
    lines = pd.concat([booked, income, pay, refunds], ignore_index=True)
    rows, matches = dirt.postings(
        p,
        run.texts,
        dirt.soil(p, lines, mess),
        population.cpr,
        measures["id"].to_numpy(),
        providers,
        f"P{population.block:03d}",
        mess,
    )
    run.spool.add("postings", rows)
    run.spool.add("matches", matches)


def _whole_municipality(run: _Run) -> None:
    """Objective financing, budget and order plan."""
    p = run.p
    root = np.random.SeedSequence(entropy=p.request.seed, spawn_key=(2**31,))
    rng, mess = (np.random.default_rng(seed) for seed in root.spawn(2))
    t = np.arange(p.first, p.last + 1)
    last = p.axis.first_day[t] + p.axis.days[t] - 1
    lines = pd.DataFrame(
        {
            "measure": -1,
            "person": -1,
            "t": t,
            "amount": secure_ore(p, t),
            "kind": "objective_financing",
            "day": last - 5,
            "period": p.axis.month[t] + 1,
            "year": p.axis.year[t],
            "account": p["functions"]["secure"],
            "dranst": "1",
            "owner": 2,
            "art": "",
            "provider": -1,
            "label": "secure",
            "invalid": False,
            "group": -1,
        }
    )
    none = np.zeros(0, dtype=object)
    providers = make_providers(p, run.texts, 0, 1)
    rows, matches = dirt.postings(p, run.texts, lines, none, none, providers, "PX", mess)
    run.spool.add("postings", rows)
    run.spool.add("matches", matches)
    run.spool.add("order_plan", order_plan_frame(p, run.totals))
    run.spool.add("budget", budget_frame(p, run.totals, rng))
