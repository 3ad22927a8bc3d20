-- In the run that is built, nothing is forecast below zero where nothing ever was: of a bottom series its mean and its
-- whole interval, of every sum the same where none of its bottom series was ever negative.
with lowest as (
    select
        function,
        measure_type,
        min(net_expenditure) as lowest
    from {{ ref('int_forecast_series') }}
    group by function, measure_type
),

forecasts as (
    select fct.*
    from {{ ref('fct_forecast') }} as fct
    inner join {{ ref('int_run') }} as run on fct.run_id = run.run_id
    where fct.scenario = '{{ var("base_scenario") }}' and least(fct.mean, fct.p05) < 0
),

money as (
    select
        forecasts.forecast_key,
        min(lowest.lowest) as lowest
    from forecasts
    inner join lowest
        on
            coalesce(forecasts.series_function, lowest.function) = lowest.function
            and coalesce(forecasts.measure_type, lowest.measure_type) = lowest.measure_type
    where forecasts.measure = 'net_expenditure'
    group by forecasts.forecast_key
)

select
    forecasts.series_id,
    forecasts.measure,
    forecasts.target_month,
    forecasts.mean,
    forecasts.p05
from forecasts
left join money on forecasts.forecast_key = money.forecast_key
-- Persons are never fewer than none.
where forecasts.measure = 'full_year_persons' or money.lowest >= 0
