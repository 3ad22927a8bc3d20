-- Grain: one month on one level and key (month, level, key), from the first month to the forecast's last.
with run as (
    select * from {{ ref('int_run') }}
),

booked as (
    select
        costs.posting_month as month,
        bridge.level,
        bridge.key,
        sum(costs.amount) as actual
    from {{ ref('int_costs') }} as costs
    cross join run
    inner join {{ ref('int_level_bridge') }} as bridge
        on
            costs.function = bridge.function
            and costs.measure_type = bridge.measure_type
    where costs.posting_date <= run.as_of
    group by costs.posting_month, bridge.level, bridge.key
),

forecast as (
    select
        forecasts.*,
        case forecasts.level
            when 'function' then forecasts.series_function
            when 'measure_type' then forecasts.measure_type
            else 'total'
        end as key
    from {{ ref('fct_forecast') }} as forecasts
    inner join run on forecasts.run_id = run.run_id
    where
        forecasts.scenario = '{{ var("base_scenario") }}'
        and forecasts.measure = 'net_expenditure'
        and forecasts.level in ('total', 'function', 'measure_type')
),

range_of_months as (
    select
        min(month) as first_month,
        max(month) as last_month
    from (
        select month from booked
        union all
        select target_month as month from forecast
    ) as known_months
),

keys as (
    select
        level,
        key
    from booked
    union distinct
    select
        level,
        key
    from forecast
    union distinct
    select
        level,
        key
    from {{ ref('int_budget_level') }}
    where original_budget <> 0 or adjusted_budget <> 0
)

select
    months.month,
    keys.level,
    keys.key,
    labels.label_da,
    labels.label_en,
    cast(
        case when months.month <= run.as_of then coalesce(booked.actual, 0) end as decimal(18, 2)
    ) as actual,
    cast(budget.adjusted_budget / 12 as decimal(18, 2)) as budget_month,
    cast(forecast.mean as decimal(18, 2)) as mean,
    cast(forecast.p05 as decimal(18, 2)) as p05,
    cast(forecast.p10 as decimal(18, 2)) as p10,
    cast(forecast.p25 as decimal(18, 2)) as p25,
    cast(forecast.p50 as decimal(18, 2)) as p50,
    cast(forecast.p75 as decimal(18, 2)) as p75,
    cast(forecast.p90 as decimal(18, 2)) as p90,
    cast(forecast.p95 as decimal(18, 2)) as p95,
    months.month <= run.last_complete_month as is_complete
from keys
cross join run
cross join range_of_months
inner join {{ ref('int_months') }} as months
    on
        range_of_months.first_month <= months.month
        and range_of_months.last_month >= months.month
inner join {{ ref('int_level_labels') }} as labels
    on
        keys.level = labels.level
        and keys.key = labels.key
left join booked
    on
        months.month = booked.month
        and keys.level = booked.level
        and keys.key = booked.key
left join forecast
    on
        months.month = forecast.target_month
        and keys.level = forecast.level
        and keys.key = forecast.key
left join {{ ref('int_budget_level') }} as budget
    on
        months.year = budget.year
        and keys.level = budget.level
        and keys.key = budget.key
