-- Every forecast of a complete month stands against what came, once, as it was published; and what came to all
-- bottom series of a month is what was booked in it.
with run as (
    select * from {{ ref('int_run') }}
),

published as (
    select
        forecasts.run_id,
        forecasts.series_id,
        forecasts.measure,
        forecasts.target_month,
        forecasts.mean
    from {{ ref('fct_forecast') }} as forecasts
    inner join run on forecasts.target_month <= run.last_complete_month
    where
        forecasts.scenario = '{{ var("base_scenario") }}'
        and forecasts.measure in ('net_expenditure', 'full_year_persons')
),

scored as (
    select * from {{ ref('fct_forecast_accuracy') }}
    where kind = 'published' and span = 'month'
),

booked as (
    select
        month,
        sum(net_expenditure) as amount
    from {{ ref('int_forecast_series') }}
    group by month
)

select
    'not scored as published' as fault,
    coalesce(published.series_id, scored.series_id) as series_id,
    coalesce(published.target_month, scored.target_month) as target_month
from published
full outer join scored
    on
        published.run_id = scored.run_id
        and published.series_id = scored.series_id
        and published.measure = scored.measure
        and published.target_month = scored.target_month
where coalesce(published.mean <> scored.mean, true)
union all
select
    'no forecast or no actual' as fault,
    series_id,
    target_month
from {{ ref('fct_forecast_accuracy') }}
where mean is null or actual is null or error <> mean - actual
union all
select
    'not what was booked' as fault,
    totals.series_id,
    totals.target_month
from {{ ref('fct_forecast_accuracy') }} as totals
left join booked on totals.target_month = booked.month
where totals.span = 'month' and totals.series_id = 'total' and totals.actual <> coalesce(booked.amount, 0)
