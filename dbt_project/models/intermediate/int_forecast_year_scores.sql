-- Grain: one forecast of one complete year (kind, run_id, series_id, measure, origin_month, year): the months that
-- were known as they came, and the sum of what was forecast of the rest. target_month is the year's December.
with years as (
    select
        kind,
        run_id,
        series_id,
        measure,
        origin_month,
        cast(extract(year from target_month) as integer) as year,
        count(*) as months_forecast,
        max(horizon_months) as horizon_months,
        max(target_month) as target_month,
        sum(mean) as mean,
        sum(actual) as actual,
        sum(last_year_month) as last_year_month,
        sum(last_year) as last_year,
        sum(run_rate) as run_rate,
        sum(profile) as profile,
        max(year_to_date) as year_to_date,
        count(profile) as months_with_baselines,
        max(cast(is_counted as integer)) as is_counted
    from {{ ref('int_forecast_scores') }}
    group by kind, run_id, series_id, measure, origin_month, extract(year from target_month)
    having extract(month from max(target_month)) = 12
),

whole as (
    select
        *,
        -- In a year that had not begun, nothing was known.
        case when months_forecast < 12 then year_to_date else 0 end as known,
        12 - months_forecast as months_known,
        months_with_baselines = months_forecast as has_baselines
    from years
    -- Every month of the year that had not come is forecast, and the rest is known.
    where months_forecast = least(12, horizon_months) and (months_forecast = 12 or year_to_date is not null)
)

select
    whole.kind,
    whole.run_id,
    whole.series_id,
    whole.measure,
    whole.origin_month,
    whole.target_month,
    whole.year,
    whole.horizon_months,
    whole.months_known,
    -- What was published, where it was: the months that were known may have been corrected since.
    cast(coalesce(outturns.mean, whole.known + whole.mean) as decimal(18, 4)) as mean,
    outturns.p10,
    outturns.p90,
    whole.is_counted = 1 as is_counted,
    cast(whole.known + whole.actual as decimal(18, 4)) as actual,
    cast(case when whole.has_baselines then whole.known + whole.last_year_month end as decimal(18, 4))
        as last_year_month,
    -- The year's budget by this rule is last year's outturn, whatever has come of it so far.
    cast(
        case when whole.has_baselines then 12 * whole.last_year / whole.months_forecast end as decimal(18, 4)
    ) as last_year,
    cast(case when whole.has_baselines then whole.known + whole.run_rate end as decimal(18, 4)) as run_rate,
    cast(case when whole.has_baselines then whole.known + whole.profile end as decimal(18, 4)) as profile
from whole
left join {{ ref('stg_forecasting__outturns') }} as outturns
    on
        whole.kind = 'published'
        and whole.measure = 'net_expenditure'
        and whole.run_id = outturns.run_id
        and whole.year = outturns.year
        and whole.series_id = case
            when outturns.level = 'total' then 'total'
            else outturns.level || '=' || outturns.key
        end
