-- The mean of the total equals the sum of every level below it, per month. Stored with four decimals, each
-- series may be off by its rounding; a krone's hundredth in all is allowed.
with means as (
    select
        run_id,
        scenario,
        measure,
        target_month,
        level,
        sum(mean) as mean
    from {{ ref('fct_forecast') }}
    where measure in ('net_expenditure', 'full_year_persons')
    group by run_id, scenario, measure, target_month, level
),

tops as (
    select * from means
    where
        (measure = 'net_expenditure' and level = 'total')
        or (measure = 'full_year_persons' and level = 'category')
)

select
    means.run_id,
    means.scenario,
    means.measure,
    means.target_month,
    means.level,
    means.mean,
    tops.mean as total_mean
from means
left join tops
    on
        means.run_id = tops.run_id
        and means.scenario = tops.scenario
        and means.measure = tops.measure
        and means.target_month = tops.target_month
where coalesce(abs(means.mean - tops.mean), 1) > 0.01
