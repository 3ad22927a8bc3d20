"""Rates and draws of the process, vectorised over children.

What belongs here: how likely each transition is, and drawing it. What does not: applying it to
the state (engine.py) and the numbers themselves (parameters.yml).
"""

from collections.abc import Iterator

import numpy as np

from orchestration.intake.simulation.chance import Chance
from orchestration.intake.simulation.months import month_of_day
from orchestration.intake.simulation.parameters import Parameters, by_age, season_of
from orchestration.intake.simulation.policy import Policy
from orchestration.intake.simulation.state import State
from orchestration.intake.simulation.types import Bools, Floats, Ints

BARNETS_LOV_YEAR = 2024


class Rates:
    """Every rate of parameters.yml as an array or a number. Track rows count from the first
    type that is not a placement."""

    def __init__(self, p: Parameters) -> None:
        first = p.placements
        self.yearly = p.type_values("yearly")
        self.sigma = p.type_values("sigma")
        self.exit = p.type_values("exit")[:first]
        self.move = p.type_values("move")[:first]
        self.track_end = 1.0 / p.type_values("months", 1.0)[first:]
        self.social = p.type_values("social")[first:]
        self.start = p.type_values("start")[first:]
        self.start_disabled = p.type_values("disabled")[first:]
        self.start_placed = p.type_values("placed_start")[first:]
        self.when_placed = p.type_values("placed")[first:]
        self.ends_when_placed = np.flatnonzero(self.when_placed == 0.0)
        ages = [t.get("ages", [0, 18]) for t in p["types"].values()][first:]
        self.from_age = np.array([a[0] for a in ages])
        self.to_age = np.array([a[1] for a in ages])
        rows = {key: i - first for i, key in enumerate(p.type_keys)}
        self.early, self.contact = rows["early_prevention"], rows["contact_person"]
        self.home_support, self.intensive = rows["home_support"], rows["intensive_home_based"]
        self.once, self.extra_costs = rows["economic_support"], rows["extra_costs"]
        self.boarding, self.own_room = p.type_index("11"), p.type_index("6")
        self.continued, self.network = p.type_index("26"), p.type_index("1")
        self.foster = np.array([p.type_index(k) for k in ("1", "22", "23", "24", "25")])
        self.common_foster = np.array([p.type_index(k) for k in ("23", "24", "25")])
        self.after_care = p.type_values("after_care")[:first] > 0
        placements = p["placements"]
        self.stay_factor = self.yearly[self.continued] / self.yearly[p.type_index("23")]
        self.support_after_return = float(placements["support_after_return"])
        self.contact_goes_on = float(p["aging_out"]["contact_person_continues"])
        self.goal_met = float(p["cases"]["goal_met"])
        self.reassess = float(p["notifications"]["reassess_in_case"])
        self.disabled_application = float(p["cases"]["disabled_yearly_hazard"]) / 12
        self.idle_months = int(p["cases"]["idle_months_before_closing"])
        self.placement_hazard = by_age(placements["hazard"])
        self.placement_season = season_of(placements["season"])
        self.return_season = season_of(placements["return_season"])
        self.notification = by_age(p["notifications"]["yearly_hazard"]) / 12
        self.notification_season = season_of(p["notifications"]["season"])
        self.mix = _mix_by_age(p)


def _mix_by_age(p: Parameters) -> Floats:
    """Cumulative probability of each placement type by whole year of age."""
    mix = np.zeros((41, p.placements))
    for band in p["placements"]["mix"]:
        row = np.array([float(band.get(key, 0.0)) for key in p.type_keys[: p.placements]])
        mix[int(band["from_age"]) :] = np.cumsum(row / row.sum())
    return mix


class Draws:
    """Random choices of one month."""

    def __init__(self, p: Parameters, rates: Rates, policy: Policy, chance: Chance) -> None:
        self.p, self.rates, self.policy, self.chance = p, rates, policy, chance

    def rate(self, idx: Ints, kind: Ints) -> Floats:
        """Yearly cost of new measures: the type's, spread log-normally around its mean."""
        sigma = self.rates.sigma[kind]
        z = self.chance.normal(idx, kind)
        return np.asarray(self.rates.yearly[kind] * np.exp(sigma * z - sigma**2 / 2))

    def notification_hazard(self, s: State, t: int) -> Floats:
        """Monthly probability of a notification for every child."""
        spec = self.p["notifications"]
        months = t - s.birth_month
        years = self.p.axis.year[t] - self.p["prices"]["base_year"]
        trend = float(spec["yearly_trend"]) ** int(years)
        base = self.rates.notification[(months // 12).clip(0, 40)] * (months >= 0)
        hazard = base * s.risk * self.rates.notification_season[self.p.axis.month[t]] * trend
        hazard = hazard * np.where(s.case >= 0, spec["factor_in_case"], 1.0)
        return np.asarray(hazard * np.where(s.place >= 0, spec["factor_placed"], 1.0))

    def notification_outcome(self, t: int, idx: Ints) -> Ints:
        """0 nothing, 1 early prevention, 2 assessment. Barnets Lov gives more early prevention."""
        spec = self.p["notifications"]
        share = spec["outcome"]
        early = float(share["early_prevention"])
        if self.p.axis.year[t] >= BARNETS_LOV_YEAR:
            early *= float(spec["early_prevention_growth_2024"])
        u = self.chance.uniform(idx, "outcome")
        return np.where(u < early, 1, np.where(u < early + share["assessment"], 2, 0))

    def assessment_end(self, idx: Ints, opened: Ints) -> Ints:
        """Day on which an assessment is done; what would end in July takes longer."""
        spec = self.p["assessments"]
        z = self.chance.normal(idx, np.full(idx.size, len(self.rates.yearly)))
        length = spec["median_days"] * np.exp(float(spec["sigma"]) * z)
        done = opened + length.clip(spec["min_days"], spec["max_days"]).astype(np.int64)
        july = month_of_day(done) % 12 == 6
        return np.asarray(done + np.where(july, int(spec["july_delay_days"]), 0))

    def assessment_outcome(self, idx: Ints) -> tuple[Bools, Bools]:
        """Which assessments lead to a placement, and which to prevention."""
        share = self.p["assessments"]["outcome"]
        u = self.chance.uniform(idx, "assessed")
        placement = u < share["placement"]
        return placement, ~placement & (u < share["placement"] + share["prevention"])

    def first_measures(
        self, s: State, t: int, idx: Ints, prevention: Bools
    ) -> Iterator[tuple[int, Bools]]:
        """Track rows and who gets them: one measure, for some a second one at once."""
        age = (t - s.birth_month[idx]) // 12
        fits = (age >= self.rates.from_age[:, None]) & (age < self.rates.to_age[:, None])
        weight = self.rates.social[:, None] * fits
        cumulative = np.cumsum(weight / weight.sum(axis=0), axis=0)
        second = self.chance.uniform(idx, "second") < self.p["assessments"]["extra_measure"]
        chosen = np.zeros(fits.shape, dtype=bool)
        for who, purpose in ((prevention, "first_row"), (prevention & second, "second_row")):
            row = (
                (self.chance.uniform(idx, purpose) > cumulative)
                .sum(axis=0)
                .clip(0, len(weight) - 1)
            )
            chosen[row[who], np.flatnonzero(who)] = True
        for row in np.flatnonzero(chosen.any(axis=1)):
            if row != self.rates.once:
                yield int(row), chosen[row]

    def start_hazard(self, s: State, t: int, live: Ints) -> Floats:
        """Monthly probability of a further measure per (track, child with an open case)."""
        r = self.rates
        age = (t - s.birth_month[live]) // 12
        placed = s.place[live] >= 0
        at_home = np.where(s.assessed[live] & (s.idle[live] == 0), 1.0, 0.0)
        hazard = r.start[:, None] * np.where(placed, r.when_placed[:, None], at_home)
        hazard = hazard + r.start_placed[:, None] * placed
        factor = np.where(placed, r.when_placed[:, None], 1.0)
        hazard = hazard + r.start_disabled[:, None] * s.disabled[live] * factor
        fits = (age >= r.from_age[:, None]) & (age < r.to_age[:, None])
        return np.asarray(hazard * fits * (s.track[:, live] < 0))

    def placement_hazard(self, s: State, t: int, home: Ints) -> Floats:
        """Monthly probability of a placement for children at home with an assessed case."""
        spec = self.p["placements"]
        age = ((t - s.birth_month[home]) // 12).clip(0, 40)
        risk = s.risk[home] ** float(spec["risk_power"])
        season = self.rates.placement_season[self.p.axis.month[t]]
        factor = season * self.policy.placement_factor[t]
        return np.asarray(self.rates.placement_hazard[age] * risk * factor)

    def placement_changes(self, s: State, t: int, idx: Ints) -> tuple[Bools, Bools, Bools]:
        """Who leaves, whose placement breaks down, who moves for another reason."""
        spec, kind = self.p["placements"], s.place[idx]
        month = self.p.axis.month[t]
        early = (t - s.place_since[idx] < spec["early_months"]) & ~self.rates.after_care[kind]
        leave = self.rates.exit[kind] + np.where(early, float(spec["early_exit"]), 0.0)
        leave = leave * self.rates.return_season[month]
        leave = np.where((kind == self.rates.boarding) & (month == 5), 0.8, leave)
        broken = np.where(self.rates.after_care[kind], 0.0, float(spec["breakdown_of_exits"]))
        home = leave * (1 - broken) * self.policy.return_factor[t]
        edges = np.cumsum([home, leave * broken, self.rates.move[kind]], axis=0)
        u = self.chance.uniform(idx, "leave")
        return u < edges[0], (u >= edges[0]) & (u < edges[1]), (u >= edges[1]) & (u < edges[2])

    def first_type(self, s: State, t: int, idx: Ints) -> Ints:
        """Type of a new placement, by age; the network initiative turns foster into network."""
        age = ((t - s.birth_month[idx]) // 12).clip(0, 40)
        u = self.chance.uniform(idx, "type")
        kind = (u[:, None] > self.rates.mix[age]).sum(axis=1).clip(0, self.p.placements - 1)
        to_network = self.chance.uniform(idx, "network") < self.policy.network_share[t]
        to_network &= np.isin(kind, self.rates.common_foster)
        return np.asarray(np.where(to_network, self.rates.network, kind))

    def other_type(self, s: State, t: int, idx: Ints) -> Ints:
        """Type after a move; never the one that is left."""
        kind = self.first_type(s, t, idx)
        old = s.place[idx]
        home = self.p.type_index("27")
        foster = int(self.rates.common_foster[1])
        instead = np.where(np.isin(old, self.rates.foster), home, foster)
        adult = t - s.birth_month[idx] >= 216
        kind = np.where(adult, self.rates.own_room, kind)
        return np.where(kind == old, np.where(adult, self.rates.continued, instead), kind)

    def after_care(self, idx: Ints, old: Ints) -> Ints:
        """Type in which a placed child goes on at 18, or -1."""
        spec = self.p["placements"]
        u = self.chance.uniform(idx, "after_kind")
        foster = np.isin(old, self.rates.foster) & (u < spec["after_care_foster"])
        room = u < spec["after_care_own_room"] * np.where(foster, 0.0, 1.0)
        goes_on = self.chance.uniform(idx, "after_care") < spec["after_care"]
        kind = np.where(foster, self.rates.continued, np.where(room, self.rates.own_room, -1))
        return np.where(goes_on, kind, -1)
