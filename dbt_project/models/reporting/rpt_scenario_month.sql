-- Grain: one month of one kept scenario (scenario, month) of this run: all expenditure under it, beside the base.
with forecasts as (
    select forecasts.*
    from {{ ref('fct_forecast') }} as forecasts
    inner join {{ ref('int_run') }} as run on forecasts.run_id = run.run_id
    where forecasts.level = 'total' and forecasts.measure = 'net_expenditure'
)

select
    what_if.scenario,
    what_if.target_month as month,
    cast(extract(year from what_if.target_month) as integer) as year,
    cast(base.mean as decimal(18, 2)) as base_mean,
    cast(base.p10 as decimal(18, 2)) as base_p10,
    cast(base.p90 as decimal(18, 2)) as base_p90,
    cast(what_if.mean as decimal(18, 2)) as mean,
    cast(what_if.p10 as decimal(18, 2)) as p10,
    cast(what_if.p90 as decimal(18, 2)) as p90,
    cast(what_if.mean - base.mean as decimal(18, 2)) as difference,
    cast(
        sum(what_if.mean - base.mean) over (
            partition by what_if.scenario
            order by what_if.target_month
            rows between unbounded preceding and current row
        ) as decimal(18, 2)
    ) as cumulative_difference
from forecasts as what_if
inner join forecasts as base
    on
        what_if.target_month = base.target_month
        and base.scenario = '{{ var("base_scenario") }}'
where what_if.scenario <> '{{ var("base_scenario") }}'
