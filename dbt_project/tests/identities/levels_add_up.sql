-- Budget, actual and commitment are the same on every level of a year.
with by_level as (
    select
        year,
        level,
        sum(original_budget) as original_budget,
        sum(adjusted_budget) as adjusted_budget,
        0 as actual_to_date,
        0 as committed
    from {{ ref('int_budget_level') }}
    group by year, level
    union all
    select
        year,
        level,
        0 as original_budget,
        0 as adjusted_budget,
        sum(actual_to_date) as actual_to_date,
        sum(committed) as committed
    from {{ ref('int_actual_level') }}
    group by year, level
),

by_year as (
    select
        year,
        level,
        sum(original_budget) as original_budget,
        sum(adjusted_budget) as adjusted_budget,
        sum(actual_to_date) as actual_to_date,
        sum(committed) as committed
    from by_level
    group by year, level
)

select year
from by_year
group by year
having
    min(original_budget) <> max(original_budget)
    or min(adjusted_budget) <> max(adjusted_budget)
    or min(actual_to_date) <> max(actual_to_date)
    or min(committed) <> max(committed)
    or count(*) <> 3
