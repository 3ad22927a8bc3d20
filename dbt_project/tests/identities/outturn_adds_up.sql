-- In the run that is built, the expected outturn of a year is what is booked in its complete months, what is still to
-- come of them and the forecast of the rest, on every level; it and what is to come are the same on all levels.
with outturns as (
    select fct.*
    from {{ ref('fct_outturn') }} as fct
    inner join {{ ref('int_run') }} as run on fct.run_id = run.run_id
),

ahead as (
    select
        fct.series_id,
        extract(year from fct.target_month) as year,
        sum(fct.mean) as mean,
        count(*) as months
    from {{ ref('fct_forecast') }} as fct
    inner join {{ ref('int_run') }} as run on fct.run_id = run.run_id
    where fct.measure = 'net_expenditure' and fct.scenario = '{{ var("base_scenario") }}'
    group by fct.series_id, extract(year from fct.target_month)
),

parts as (
    select
        outturns.year,
        outturns.level,
        outturns.key,
        outturns.mean,
        outturns.actual_complete_months + outturns.open_amount + coalesce(ahead.mean, 0) as mean_of_parts
    from outturns
    left join ahead
        on
            outturns.year = ahead.year
            and ahead.series_id = case
                when outturns.level = 'total' then 'total'
                else outturns.level || '=' || outturns.key
            end
    -- A forecast that does not reach the year's end is no whole year's.
    where coalesce(ahead.months, 0) = 12 - outturns.months_known
),

by_level as (
    select
        year,
        level,
        sum(mean) as mean,
        sum(open_amount) as open_amount
    from outturns
    group by year, level
)

select
    year,
    level,
    key
from parts
where abs(mean - mean_of_parts) > 0.01
union all
select
    year,
    'all' as level,
    'all' as key
from by_level
group by year
having min(mean) <> max(mean) or min(open_amount) <> max(open_amount)
