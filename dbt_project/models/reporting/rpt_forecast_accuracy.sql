-- Grain: one class of horizons on one level (kind, span, measure, level, horizon_bin): how far forecasts were off,
-- beside the rules of thumb on the same forecasts. Of several nights of one month the last is counted.
with counted as (
    select *
    from {{ ref('fct_forecast_accuracy') }}
    -- Where a series is too young for a rule of thumb, there is nothing to compare with.
    where is_counted and profile is not null
),

summed as (
    select
        kind,
        span,
        measure,
        level,
        horizon_bin,
        count(*) as scored,
        sum(abs(actual)) as size,
        sum(abs(error)) as lost,
        sum(abs(last_year_month - actual)) as lost_last_year_month,
        sum(abs(last_year - actual)) as lost_last_year,
        sum(abs(run_rate - actual)) as lost_run_rate,
        sum(abs(profile - actual)) as lost_profile,
        sum(case when committed is not null then abs(actual) end) as size_committed,
        sum(abs(committed - actual)) as lost_committed,
        -- Of sums, since a single series that hardly moved before would else be all of a mean.
        sum(case when scale is not null then abs(error) end) as lost_scaled,
        sum(scale) as scale,
        avg(case when in_80 then 1.0 when not in_80 then 0.0 end) as coverage_80,
        avg(case when in_90 then 1.0 when not in_90 then 0.0 end) as coverage_90
    from counted
    group by kind, span, measure, level, horizon_bin
),

shares as (
    select
        *,
        cast(nullif(size, 0) as double) as divisor,
        cast(nullif(size_committed, 0) as double) as divisor_committed,
        cast(nullif(scale, 0) as double) as divisor_scale
    from summed
)

select
    shares.kind,
    shares.span,
    shares.measure,
    shares.level,
    shares.horizon_bin,
    bins.sort_order,
    cast(shares.scored as bigint) as scored,
    cast(shares.lost / shares.divisor as decimal(18, 6)) as wape,
    cast(shares.lost_scaled / shares.divisor_scale as decimal(18, 6)) as mase,
    cast(shares.coverage_80 as decimal(9, 6)) as coverage_80,
    cast(shares.coverage_90 as decimal(9, 6)) as coverage_90,
    cast(shares.lost_last_year_month / shares.divisor as decimal(18, 6)) as wape_last_year_month,
    cast(shares.lost_last_year / shares.divisor as decimal(18, 6)) as wape_last_year,
    cast(shares.lost_run_rate / shares.divisor as decimal(18, 6)) as wape_run_rate,
    cast(shares.lost_profile / shares.divisor as decimal(18, 6)) as wape_profile,
    cast(shares.lost_committed / shares.divisor_committed as decimal(18, 6)) as wape_committed,
    cast(
        least(
            shares.lost_last_year_month, shares.lost_last_year, shares.lost_run_rate, shares.lost_profile
        ) / shares.divisor as decimal(18, 6)
    ) as wape_best_rule
from shares
inner join {{ ref('ref_forecast_bins') }} as bins
    on shares.span = bins.span and shares.horizon_bin = bins.horizon_bin
