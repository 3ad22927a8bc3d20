"""The process: one month in the lives of a block's children.

A child without a case may be notified about; a notification may open a case, at once with early
prevention or with an assessment; the assessment may lead to measures or to a placement; measures
end, placements end, move or break down; at 18 they end or become after-care; a case with nothing
in it closes. All rates come from parameters.yml. What belongs here: transitions of a `State`,
vectorised over children. What does not: dates of paperwork, money, text.
"""

import numpy as np

from orchestration.intake.simulation.chance import Chance
from orchestration.intake.simulation.log import REASON, SilentLog
from orchestration.intake.simulation.months import month_of_day
from orchestration.intake.simulation.parameters import Parameters
from orchestration.intake.simulation.policy import Policy
from orchestration.intake.simulation.state import NONE, State
from orchestration.intake.simulation.transitions import Draws, Rates
from orchestration.intake.simulation.types import Bools, Floats, Ints


class Engine:
    """Moves a state month by month under one policy."""

    def __init__(self, p: Parameters, policy: Policy, log: SilentLog) -> None:
        self.p, self.policy, self.log = p, policy, log
        self.rates = Rates(p)

    def step(self, s: State, t: int) -> None:
        """Move `s` from the end of month `t - 1` to the end of month `t`."""
        s.once[:] = 0.0
        self.chance = Chance(s.key, t)
        self.draws = Draws(self.p, self.rates, self.policy, self.chance)
        live = np.flatnonzero(s.case >= 0)
        age = t - s.birth_month[live]
        changed = np.zeros(s.size, dtype=bool)
        self._turn_18(s, t, live[age == 216], changed)
        self._leave(s, live[age == 276], changed)
        self._end_tracks(s, t, live)
        self._change_placements(s, t, live, changed)
        self._notify(s, t)
        self._apply(s, t)
        self._complete_assessments(s, t, changed)
        live = np.flatnonzero((s.case >= 0) & (t - s.birth_month < 216))
        self._add_measures(s, t, live)
        self._place_from_home(s, t, live, changed)
        self._close(s, t)

    # -- endings ---------------------------------------------------------------------------

    def _turn_18(self, s: State, t: int, idx: Ints, changed: Bools) -> None:
        """Child measures end the day before the birthday; some become after-care."""
        if not idx.size:
            return
        changed[idx] = True
        s.assess_end[idx] = NONE
        placed = idx[s.place[idx] >= 0]
        old_measure, old_type, old_rate = (
            s.place_measure[placed],
            s.place[placed],
            s.place_rate[placed],
        )
        self._end_placement(s, placed, s.eighteen[placed] - 1, REASON["turned_18"])
        kind = self.draws.after_care(placed, old_type)
        stays = kind >= 0
        to_room = kind == self.rates.own_room
        rate = np.where(
            to_room, self.draws.rate(placed, kind.clip(0)), old_rate * self.rates.stay_factor
        )
        self._start_placement(
            s,
            t,
            placed[stays],
            kind[stays],
            s.eighteen[placed[stays]],
            rate=rate[stays],
            after_care=True,
            replaces=old_measure[stays],
        )
        contact = self.rates.contact
        had = idx[s.track[contact, idx] >= 0]
        goes_on = had[self.chance.uniform(had, "contact_on") < self.rates.contact_goes_on]
        before, rate = s.track[contact, goes_on].copy(), s.track_rate[contact, goes_on].copy()
        for row in range(s.track.shape[0]):
            self._stop_track(s, row, idx, s.eighteen[idx] - 1, REASON["turned_18"])
        self._start_track(
            s, contact, goes_on, s.eighteen[goes_on], rate=rate, after_care=True, replaces=before
        )

    def _leave(self, s: State, idx: Ints, changed: Bools) -> None:
        """Everything ends the day before the 23rd birthday."""
        if not idx.size:
            return
        changed[idx] = True
        placed = idx[s.place[idx] >= 0]
        self._end_placement(s, placed, s.leaving[placed] - 1, REASON["left_after_care"])
        for row in range(s.track.shape[0]):
            self._stop_track(s, row, idx, s.leaving[idx] - 1, REASON["left_after_care"])

    def _end_tracks(self, s: State, t: int, live: Ints) -> None:
        hit = (
            self.chance.by_row(live, s.track.shape[0], "track_end") < self.rates.track_end[:, None]
        )
        hit &= s.track[:, live] >= 0
        for row in np.flatnonzero(hit.any(axis=1)):
            idx = live[hit[row]]
            met = self.chance.uniform(idx, "track_reason") < self.rates.goal_met
            reason = np.where(met, REASON["goal_met"], REASON["planned"])
            self._stop_track(s, int(row), idx, self._day(t, idx, "day_end"), reason)

    def _change_placements(self, s: State, t: int, live: Ints, changed: Bools) -> None:
        idx = live[(s.place[live] >= 0) & (s.place_since[live] < t) & ~changed[live]]
        leaves, breaks, moves = self.draws.placement_changes(s, t, idx)
        changed[idx[leaves | breaks | moves]] = True
        day = self._day(t, idx, "day_leave")
        school = (s.place[idx] == self.rates.boarding) & (self.p.axis.month[t] == 5)
        day = np.where(school, self.p.axis.first_day[t] + 29, day)
        adult = t - s.birth_month[idx] >= 216
        home = idx[leaves]
        reason = np.where(adult[leaves], REASON["left_after_care"], REASON["returned_home"])
        self._end_placement(s, home, day[leaves], reason)
        supported = (
            leaves
            & ~adult
            & (self.chance.uniform(idx, "supported") < self.rates.support_after_return)
        )
        row = np.where(t - s.birth_month[idx] >= 120, self.rates.contact, self.rates.home_support)
        for track in (self.rates.contact, self.rates.home_support):
            chosen = supported & (row == track)
            self._start_track(s, track, idx[chosen], day[chosen] + 1)
        on = breaks | moves
        movers, before = idx[on], s.place_measure[idx[on]].copy()
        kind = self.draws.other_type(s, t, movers)
        reason = np.where(breaks[on], REASON["breakdown"], REASON["moved"])
        self._end_placement(s, movers, day[on] - 1, reason)
        self._start_placement(s, t, movers, kind, day[on], replaces=before)

    # -- beginnings ------------------------------------------------------------------------

    def _notify(self, s: State, t: int) -> None:
        """Notifications, and the cases and assessments they open."""
        hazard = self.draws.notification_hazard(s, t)
        everyone = np.arange(s.size)
        idx = np.flatnonzero(self.chance.uniform(everyone, "notify") < hazard)
        day = self._day(t, idx, "day_notify")
        # Nobody is notified about before birth.
        day = np.maximum(day, s.eighteen[idx] - 6575 + 1)
        outcome = self.draws.notification_outcome(t, idx)
        ongoing = s.case[idx] >= 0
        reassess = ongoing & (s.assess_end[idx] < 0) & (s.place[idx] < 0)
        reassess &= self.chance.uniform(idx, "reassess") < self.rates.reassess
        self.log.notify(s.person[idx], day, np.where(ongoing, 3, outcome))
        opens = ~ongoing & (outcome > 0)
        self._open_cases(s, idx[opens], day[opens], disabled=False)
        early = opens & (outcome == 1)
        last = self.p.axis.first_day[t] + self.p.axis.days[t] - 1
        start = day + (self.chance.uniform(idx, "early_day") * (last - day + 1)).astype(np.int64)
        self._start_track(s, self.rates.early, idx[early], start[early])
        assessed = (opens & (outcome == 2)) | reassess
        self._open_assessments(s, t, idx[assessed], day[assessed])

    def _open_assessments(self, s: State, t: int, idx: Ints, day: Ints) -> None:
        done = self.draws.assessment_end(idx, day)
        done = np.maximum(done, self.p.axis.first_day[t] + self.p.axis.days[t])
        s.assess_end[idx] = month_of_day(done) - self.p.axis.start
        s.assess_day[idx] = done
        self.log.assess(s.case[idx], s.person[idx], day, done)

    def _apply(self, s: State, t: int) -> None:
        """Families of a disabled child apply by themselves."""
        age = t - s.birth_month
        free = np.flatnonzero(s.disabled & (s.case < 0) & (age >= 6) & (age < 210))
        idx = free[self.chance.uniform(free, "apply") < self.rates.disabled_application]
        self._open_cases(s, idx, self._day(t, idx, "day_apply"), disabled=True)
        # The first measure comes with the case, or the case would close again at once.
        start = self.p.axis.first_day[t] + self.p.axis.days[t] - 1
        self._start_track(s, self.rates.extra_costs, idx, np.full(idx.size, start))

    def _complete_assessments(self, s: State, t: int, changed: Bools) -> None:
        idx = np.flatnonzero(s.assess_end == t)
        s.assess_end[idx] = NONE
        idx = idx[(s.case[idx] >= 0) & (t - s.birth_month[idx] < 216)]
        last = self.p.axis.first_day[t] + self.p.axis.days[t] - 1
        room = last - s.assess_day[idx] + 1
        day = s.assess_day[idx] + (self.chance.uniform(idx, "first_day") * room).astype(np.int64)
        placement, prevention = self.draws.assessment_outcome(idx)
        s.assessed[idx[placement | prevention]] = True
        for row, chosen in self.draws.first_measures(s, t, idx, prevention):
            self._start_track(s, row, idx[chosen], day[chosen])
        able = placement & ~changed[idx] & (s.place[idx] < 0)
        self._place(s, t, idx[able], day[able], changed)

    def _add_measures(self, s: State, t: int, live: Ints) -> None:
        """Further measures while the case is open."""
        hazard = self.draws.start_hazard(s, t, live)
        hit = self.chance.by_row(live, s.track.shape[0], "add") < hazard
        for row in np.flatnonzero(hit.any(axis=1)):
            idx = live[hit[row]]
            day = self._day(t, idx, "day_add")
            if row == self.rates.once:
                self._pay_once(s, int(row), idx, day)
            else:
                self._start_track(s, int(row), idx, day)

    def _place_from_home(self, s: State, t: int, live: Ints, changed: Bools) -> None:
        home = live[(s.place[live] < 0) & s.assessed[live] & ~changed[live]]
        idx = home[self.chance.uniform(home, "place") < self.draws.placement_hazard(s, t, home)]
        self._place(s, t, idx, self._day(t, idx, "day_place"), changed)

    def _place(self, s: State, t: int, idx: Ints, day: Ints, changed: Bools) -> None:
        """Place, or where the initiative runs try intensive support at home instead."""
        age = (t - s.birth_month[idx]) // 12
        low, high = self.policy.convert_ages
        home = (age >= low) & (age <= high) & (s.track[self.rates.intensive, idx] < 0)
        home &= self.chance.uniform(idx, "convert") < self.policy.converts[t]
        self._start_track(s, self.rates.intensive, idx[home], day[home], alternative=True)
        idx, day = idx[~home], day[~home]
        changed[idx] = True
        for row in self.rates.ends_when_placed:
            self._stop_track(s, int(row), idx, day - 1, REASON["placed"])
        self._start_placement(s, t, idx, self.draws.first_type(s, t, idx), day)

    # -- bookkeeping -----------------------------------------------------------------------

    def _day(self, t: int, idx: Ints, purpose: str) -> Ints:
        """Days of month `t`, each as likely as another."""
        offset = (self.chance.uniform(idx, purpose) * self.p.axis.days[t]).astype(np.int64)
        return np.asarray(self.p.axis.first_day[t] + offset)

    def _open_cases(self, s: State, idx: Ints, day: Ints, disabled: bool) -> None:
        s.case[idx] = self.log.open_case(s.person[idx], day, disabled)
        s.idle[idx] = 0
        s.assessed[idx] = False

    def _close(self, s: State, t: int) -> None:
        idx = np.flatnonzero(s.case >= 0)
        active = (s.place[idx] >= 0) | (s.assess_end[idx] >= 0) | (s.track[:, idx] >= 0).any(axis=0)
        s.idle[idx] = np.where(active, 0, s.idle[idx] + 1)
        done = idx[s.idle[idx] >= self.rates.idle_months]
        self.log.close_case(s.case[done], self._day(t, done, "day_close"))
        s.case[done] = NONE
        s.assessed[done] = False

    def _end_placement(self, s: State, idx: Ints, day: Ints, reason: Ints | int) -> None:
        self.log.end(s.place_measure[idx], day, reason)
        s.place[idx], s.place_measure[idx], s.place_rate[idx] = NONE, NONE, 0.0

    def _start_placement(
        self,
        s: State,
        t: int,
        idx: Ints,
        kind: Ints,
        day: Ints,
        *,
        rate: Floats | None = None,
        after_care: bool = False,
        replaces: Ints | None = None,
    ) -> None:
        yearly = self.draws.rate(idx, kind) if rate is None else rate
        s.place[idx], s.place_since[idx], s.place_rate[idx] = kind, t, yearly
        s.place_measure[idx] = self.log.start(
            s.person[idx], s.case[idx], kind, day, yearly, after_care=after_care, replaces=replaces
        )

    def _start_track(
        self,
        s: State,
        row: int,
        idx: Ints,
        day: Ints,
        *,
        rate: Floats | None = None,
        after_care: bool = False,
        alternative: bool = False,
        replaces: Ints | None = None,
    ) -> None:
        free = s.track[row, idx] < 0
        idx, day = idx[free], day[free]
        kind = np.full(idx.size, row + self.p.placements)
        yearly = self.draws.rate(idx, kind) if rate is None else rate[free]
        s.track_rate[row, idx] = yearly
        s.track[row, idx] = self.log.start(
            s.person[idx],
            s.case[idx],
            kind,
            day,
            yearly,
            after_care=after_care,
            alternative=alternative,
            replaces=None if replaces is None else replaces[free],
        )

    def _stop_track(self, s: State, row: int, idx: Ints, day: Ints, reason: Ints | int) -> None:
        running = s.track[row, idx] >= 0
        why = reason if isinstance(reason, int) else reason[running]
        self.log.end(s.track[row, idx[running]], day[running], why)
        s.track[row, idx], s.track_rate[row, idx] = NONE, 0.0

    def _pay_once(self, s: State, row: int, idx: Ints, day: Ints) -> None:
        kind = np.full(idx.size, row + self.p.placements)
        amount = self.draws.rate(idx, kind)
        number = self.log.start(s.person[idx], s.case[idx], kind, day, amount)
        self.log.end(number, day, REASON["planned"])
        s.once[idx] = amount
