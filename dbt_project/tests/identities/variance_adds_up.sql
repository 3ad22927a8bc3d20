-- Volume, price and mix are actual less budget to the øre, row by row; the rows hold all that is booked, all that is
-- budgeted and all person-days of the years that they speak of.
with run as (
    select * from {{ ref('int_run') }}
),

found as (
    select
        year,
        measure_type,
        max(days_elapsed) as days_elapsed,
        max(days_in_year) as days_in_year,
        sum(budget_amount) as budget_amount,
        sum(actual_amount) as actual_amount,
        sum(full_year_persons) as full_year_persons,
        sum(volume_effect + price_effect + mix_effect) as effects,
        sum(
            case
                when volume_effect + price_effect + mix_effect = actual_amount - budget_amount then 0
                else 1
            end
        ) as rows_off
    from {{ ref('fct_variance') }}
    group by year, measure_type
),

booked as (
    select
        costs.year,
        costs.measure_type,
        sum(costs.amount) as amount
    from {{ ref('fct_cost') }} as costs
    cross join run
    where
        costs.posting_month <= run.last_complete_month
        and costs.posting_date <= run.as_of
        and costs.year in (select years.year from found as years)
    group by costs.year, costs.measure_type
),

budgeted as (
    select
        year,
        measure_type,
        sum(amount) as amount
    from {{ ref('int_budget_lines') }}
    where is_in_force and year in (select years.year from found as years)
    group by year, measure_type
),

active as (
    select
        extract(year from months.month) as year,
        months.measure_type,
        sum(months.active_days) as days
    from {{ ref('fct_measure_month') }} as months
    cross join run
    where
        months.month <= run.last_complete_month
        and extract(year from months.month) in (select years.year from found as years)
    group by extract(year from months.month), months.measure_type
)

select
    coalesce(found.year, booked.year, budgeted.year, active.year) as year,
    coalesce(found.measure_type, booked.measure_type, budgeted.measure_type, active.measure_type)
        as measure_type,
    found.rows_off,
    found.effects,
    found.actual_amount,
    booked.amount as booked_amount,
    found.budget_amount,
    budgeted.amount as full_year_budget,
    found.full_year_persons,
    active.days
from found
full outer join booked
    on
        found.year = booked.year
        and found.measure_type = booked.measure_type
full outer join budgeted
    on
        found.year = budgeted.year
        and found.measure_type = budgeted.measure_type
full outer join active
    on
        found.year = active.year
        and found.measure_type = active.measure_type
where
    found.rows_off > 0
    or coalesce(found.effects, 0) <> coalesce(found.actual_amount - found.budget_amount, 0)
    or coalesce(found.actual_amount, 0) <> coalesce(booked.amount, 0)
    or (
        coalesce(found.budget_amount, 0)
        <> coalesce(cast(budgeted.amount * found.days_elapsed / found.days_in_year as decimal(18, 2)), 0)
        and found.year in (select ledger_years.year from budgeted as ledger_years)
    )
    -- Full-year persons are kept with eight decimals for each sector.
    or abs(coalesce(found.full_year_persons * found.days_in_year, 0) - coalesce(active.days, 0)) > 0.001
