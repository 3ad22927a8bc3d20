-- Grain: one forecast of one complete month (kind, run_id, series_id, measure, origin_month, target_month), beside
-- what came and what the rules of thumb said. A series without rows any more had nothing booked: 0 came.
with run as (
    select * from {{ ref('int_run') }}
),

-- Nights of one month forecast the same months from the same ones: the last of them is counted.
origins as (
    select
        run_id,
        {{ add_months('min(target_month)', -1) }} as origin_month
    from {{ ref('stg_forecasting__forecasts') }}
    group by run_id
),

ranked as (
    select
        run_id,
        row_number() over (partition by origin_month order by run_id desc) as recency
    from origins
),

forecasts as (
    select
        'published' as kind,
        forecasts.run_id,
        forecasts.series_id,
        forecasts.measure,
        {{ add_months('forecasts.target_month', '-forecasts.horizon_months') }} as origin_month,
        forecasts.target_month,
        forecasts.horizon_months,
        forecasts.mean,
        forecasts.p05,
        forecasts.p10,
        forecasts.p90,
        forecasts.p95,
        ranked.recency = 1 as is_counted
    from {{ ref('stg_forecasting__forecasts') }} as forecasts
    inner join ranked on forecasts.run_id = ranked.run_id
    where
        forecasts.scenario = '{{ var("base_scenario") }}'
        and forecasts.measure in ('net_expenditure', 'full_year_persons')
    union all
    -- Tonight's tries alone tell what tonight's engine would have done. Earlier ones stay in the raw layer.
    select
        'backtest' as kind,
        backtests.run_id,
        backtests.series_id,
        backtests.measure,
        backtests.origin_month,
        backtests.target_month,
        backtests.horizon_months,
        backtests.mean,
        cast(null as decimal(18, 4)) as p05,
        cast(null as decimal(18, 4)) as p10,
        cast(null as decimal(18, 4)) as p90,
        cast(null as decimal(18, 4)) as p95,
        true as is_counted
    from {{ ref('stg_forecasting__backtests') }} as backtests
    inner join run on backtests.run_id = run.run_id
),

complete as (
    select
        forecasts.*,
        -- The newest year's month that was known: one year back for each year begun ahead.
        {{ add_months(
            'forecasts.target_month',
            '-12 * cast(floor((forecasts.horizon_months + 11) / 12.0) as integer)'
        ) }} as repeated_month
    from forecasts
    inner join run on forecasts.target_month <= run.last_complete_month
)

select
    complete.kind,
    complete.run_id,
    complete.series_id,
    complete.measure,
    complete.origin_month,
    complete.target_month,
    complete.horizon_months,
    complete.mean,
    complete.p05,
    complete.p10,
    complete.p90,
    complete.p95,
    complete.is_counted,
    cast(coalesce(came.actual, 0) as decimal(18, 4)) as actual,
    cast(case when baselines.series_id is not null then repeated.actual end as decimal(18, 4))
        as last_year_month,
    baselines.last_year,
    baselines.run_rate,
    cast(
        case
            when baselines.series_id is null then null
            when extract(month from complete.target_month) > baselines.months_of_year
                then cast(repeated.actual as double) * baselines.year_on_year
            else repeated.actual
        end as decimal(18, 4)
    ) as profile,
    baselines.year_to_date,
    baselines.scale
from complete
left join {{ ref('int_series_months') }} as came
    on
        complete.measure = came.measure
        and complete.series_id = came.series_id
        and complete.target_month = came.month
left join {{ ref('int_series_months') }} as repeated
    on
        complete.measure = repeated.measure
        and complete.series_id = repeated.series_id
        and complete.repeated_month = repeated.month
left join {{ ref('int_series_baselines') }} as baselines
    on
        complete.measure = baselines.measure
        and complete.series_id = baselines.series_id
        and complete.origin_month = baselines.origin_month
