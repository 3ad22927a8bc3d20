-- In the run that is built, the mean of every function and of every measure type is the sum of its bottom series, per
-- month: no part of the hierarchy is told otherwise than what it is made of.
with forecasts as (
    select fct.*
    from {{ ref('fct_forecast') }} as fct
    inner join {{ ref('int_run') }} as run on fct.run_id = run.run_id
    where fct.measure = 'net_expenditure' and fct.scenario = '{{ var("base_scenario") }}'
),

parts as (
    select
        'function' as level,
        series_function as level_key,
        target_month,
        mean
    from forecasts
    where level = 'function_measure_type'
    union all
    select
        'measure_type' as level,
        measure_type as level_key,
        target_month,
        mean
    from forecasts
    where level = 'function_measure_type'
),

sums as (
    select
        level,
        level_key,
        target_month,
        sum(mean) as mean
    from parts
    group by level, level_key, target_month
),

wholes as (
    select
        level,
        case when level = 'function' then series_function else measure_type end as level_key,
        target_month,
        mean
    from forecasts
    where level in ('function', 'measure_type')
)

select
    sums.level,
    sums.level_key,
    sums.target_month,
    sums.mean as mean_of_parts,
    wholes.mean
from sums
left join wholes
    on
        sums.level = wholes.level
        and sums.level_key = wholes.level_key
        and sums.target_month = wholes.target_month
where coalesce(abs(sums.mean - wholes.mean), 1) > 0.01
