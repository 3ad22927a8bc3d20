"""Every number the engine can be tuned by, in one validated, immutable place.

Does not belong here: anything computed from data. The defaults come from measurements on public
monthly series, nearly all chosen on the sets m3 and m1 (which were not: docs/forecasting.md).
"""

from dataclasses import dataclass

QUANTILES: dict[str, float] = {
    "p05": 0.05,
    "p10": 0.10,
    "p25": 0.25,
    "p50": 0.50,
    "p75": 0.75,
    "p90": 0.90,
    "p95": 0.95,
}
YEAR = 12
QUARTER = 3
LONGEST = 72
"""Months ahead at most: from any month to the end of the fourth year after the running one."""
EXACT, STAN = "exact", "stan"


@dataclass(frozen=True)
class ForecastSettings:
    """How to forecast. Lengths are in months, shares are 0-1; raises ValueError when senseless.

    horizon: months ahead, 1-72.
    samples: sample paths per series; even, since each path has its mirror image.
    origins, origin_step: how many past dates the engine is tried from, and months between them;
        the newest lies twelve months back, so that every try is scored over a whole year.
    seed: of every random draw.
    decimals: that the mean is rounded to: 2 for money (øre), 4 for full-year persons.
    common_end: True: one portfolio that is complete up to one last month, and a series without a
        row there had nothing booked. False: each series is forecast from its own last month.
    min_fit, min_season: shortest history for a Prophet fit, and for using last year's month.
    recent_origins: months back of the tries that a year has not passed since; weights alone.
    thorough: more candidates, for the committee's forecast rather than the night's.
    solver: "exact" solves Prophet's model in compiled code, "stan" by Prophet itself.
    yearly_order, seasonality_prior: Fourier terms of the year, and how freely they may swing.
    change_prior, free_change_prior: how freely the slope may change, and in the freer variant.
    log_guard: fit on the log scale when the smallest value exceeds this share of the median.
    reach: how far outside the range seen so far a forecast may go, in widths of that range.
    variant_power, weight_power: Prophet variants, and candidates, are weighted by error to the
        power of minus this.
    whole_power: the same for the candidates of the portfolio's whole.
    near_months: months ahead that are weighted by the errors of just these months.
    same_month_weight: how many origins one counts for from which as many months of the year were
        known as now.
    weight_shrink: how many origins' worth the portfolio's errors count beside the series' own.
    scale_window: newest months that a series' typical error (seasonal-naive) is taken from.
    flat_window: newest months that the level of a short series is taken from.
    sparse_window, sparse_share: a series with more than this share of empty months among the
        newest is intermittent.
    ended_months: this many empty months at the end of a series that never paused so long: ended.
    least_scale: a past origin's scale is at least this share of today's.
    largest_error: most, in units of scale, that one series' past error counts for in others.
    prior_error: typical error, in units of scale, where no past error can be measured.
    prior_spread: scale as a share of the level, where history is too short to measure one.
    few_origins: tries from fewer origins than this tell nothing of the whole beside its parts.
    short_factor: intervals of series too short for the pool are at least this much wider.
    covered_share: a past error counts for a sum when it covers this share of it, by scale.
    level_shrink: how many tries it takes before a level's own coverage counts for half.
    level_bounds: least and greatest factor on the width of an upper level; not below 1, since a few
        lucky overlapping years are no reason to promise more (measured: 53-68 % instead of 80 %).
    least_freedom: degrees of freedom of the errors' spread where fewer dates than that were tried.
    pool_from: fewest series for which worker processes are started without being asked for.
    """

    horizon: int = 12
    samples: int = 500
    origins: int = 5
    origin_step: int = 3
    seed: int = 20240101
    decimals: int = 2
    common_end: bool = True
    min_fit: int = 24
    min_season: int = 18
    recent_origins: tuple[int, ...] = (3, 6, 9)
    thorough: bool = False
    solver: str = EXACT
    yearly_order: int = 6
    seasonality_prior: float = 0.1
    change_prior: float = 0.05
    free_change_prior: float = 0.2
    log_guard: float = 0.05
    reach: float = 1.0
    variant_power: float = 4.0
    weight_power: float = 8.0
    whole_power: float = 1.0
    near_months: int = 6
    same_month_weight: float = 2.0
    weight_shrink: float = 5.0
    scale_window: int = 36
    flat_window: int = 6
    sparse_window: int = 36
    sparse_share: float = 0.4
    ended_months: int = 6
    least_scale: float = 0.5
    largest_error: float = 5.0
    prior_error: float = 1.25
    prior_spread: float = 0.3
    few_origins: int = 3
    short_factor: float = 1.25
    covered_share: float = 0.8
    level_shrink: float = 5.0
    level_bounds: tuple[float, float] = (1.0, 2.0)
    least_freedom: int = 5
    pool_from: int = 60

    def __post_init__(self) -> None:
        _whole("horizon", self.horizon, 1, LONGEST)
        _whole("samples", self.samples, 20, 100_000)
        _whole("origins", self.origins, 0, 24)
        _whole("origin_step", self.origin_step, 1, YEAR)
        _whole("decimals", self.decimals, 0, 6)
        _whole("min_season", self.min_season, YEAR, 60)
        _whole("min_fit", self.min_fit, self.min_season, 120)
        _whole("yearly_order", self.yearly_order, 1, 6)
        _whole("near_months", self.near_months, 1, YEAR)
        _whole("ended_months", self.ended_months, 2, 60)
        for name in ("scale_window", "flat_window", "sparse_window", "least_freedom", "pool_from"):
            _whole(name, getattr(self, name), 1, 10_000)
        if self.samples % 2:
            raise ValueError(f"samples must be even (each path has a mirror), not {self.samples}")
        for name in (
            "log_guard",
            "sparse_share",
            "covered_share",
            "least_scale",
        ):
            _between(name, getattr(self, name), 0.0, 1.0)
        for name in (
            "seasonality_prior",
            "change_prior",
            "free_change_prior",
            "largest_error",
            "prior_error",
            "prior_spread",
            "short_factor",
        ):
            _between(name, getattr(self, name), 1e-6, 1e6)
        for name in (
            "reach",
            "variant_power",
            "weight_power",
            "whole_power",
            "same_month_weight",
            "weight_shrink",
            "level_shrink",
        ):
            _between(name, getattr(self, name), 0.0, 1e6)
        if self.solver not in (EXACT, STAN):
            raise ValueError(f"solver must be '{EXACT}' or '{STAN}', not {self.solver!r}")
        for months in self.recent_origins:
            _whole("recent_origins", months, 1, YEAR - 1)
        low, high = self.level_bounds
        if not 0 < low <= 1 <= high:
            raise ValueError(f"level_bounds must enclose 1, not {self.level_bounds}")


def _whole(name: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or int(value) != value or not low <= value <= high:
        raise ValueError(f"{name} must be a whole number from {low} to {high}, not {value!r}")


def _between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} must lie between {low:g} and {high:g}, not {value!r}")
