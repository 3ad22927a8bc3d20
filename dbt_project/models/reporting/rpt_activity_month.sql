-- Grain: one month, measure type and sector (month, measure_type, sector); sector `total` is all of them.
with run as (
    select * from {{ ref('int_run') }}
),

active as (
    select
        months.month,
        months.measure_type,
        months.sector,
        months.child_key,
        months.days_in_year,
        months.active_days,
        months.is_active_at_month_end
    from {{ ref('int_measure_months') }} as months
    cross join run
    where
        months.active_days > 0
        and months.month between run.first_activity_month and run.last_complete_month
),

by_sector as (
    select
        month,
        measure_type,
        sector,
        count(distinct case when is_active_at_month_end then child_key end) as children,
        sum(active_days) / max(days_in_year) as full_year_persons
    from active
    where sector <> 'unknown'
    group by month, measure_type, sector
    union all
    select
        month,
        measure_type,
        'total' as sector,
        count(distinct case when is_active_at_month_end then child_key end) as children,
        sum(active_days) / max(days_in_year) as full_year_persons
    from active
    group by month, measure_type
),

series as (
    select
        measure_type,
        sector,
        min(month) as first_month
    from by_sector
    group by measure_type, sector
),

-- A month in which no one has the measure is a zero, not a gap.
past as (
    select
        months.month,
        series.measure_type,
        series.sector,
        cast(coalesce(by_sector.children, 0) as integer) as children,
        cast(coalesce(by_sector.full_year_persons, 0) as decimal(18, 4)) as full_year_persons
    from series
    cross join run
    inner join {{ ref('int_months') }} as months
        on
            series.first_month <= months.month
            and run.last_complete_month >= months.month
    left join by_sector
        on
            months.month = by_sector.month
            and series.measure_type = by_sector.measure_type
            and series.sector = by_sector.sector
),

forecast as (
    select
        forecasts.target_month as month,
        forecasts.measure_type,
        forecasts.mean,
        forecasts.p10,
        forecasts.p90
    from {{ ref('fct_forecast') }} as forecasts
    inner join run on forecasts.run_id = run.run_id
    where
        forecasts.scenario = '{{ var("base_scenario") }}'
        and forecasts.measure = 'full_year_persons'
        and forecasts.level = 'measure_type'
),

all_months as (
    select
        month,
        measure_type,
        sector,
        children,
        full_year_persons,
        cast(null as decimal(18, 4)) as mean,
        cast(null as decimal(18, 4)) as p10,
        cast(null as decimal(18, 4)) as p90,
        true as is_complete
    from past
    union all
    select
        forecast.month,
        forecast.measure_type,
        'total' as sector,
        cast(null as integer) as children,
        cast(null as decimal(18, 4)) as full_year_persons,
        forecast.mean,
        forecast.p10,
        forecast.p90,
        false as is_complete
    from forecast
    cross join run
    where forecast.month > run.last_complete_month
)

select
    all_months.month,
    all_months.measure_type,
    types.label_da,
    types.label_en,
    types.category,
    all_months.sector,
    all_months.children,
    all_months.full_year_persons,
    all_months.mean,
    all_months.p10,
    all_months.p90,
    all_months.is_complete
from all_months
inner join {{ ref('dim_measure_type') }} as types on all_months.measure_type = types.measure_type
