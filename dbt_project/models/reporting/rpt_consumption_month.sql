-- Grain: one month on one level and key (month, level, key): how much of the year's budget is used by its end, and
-- how much used to be by then in earlier complete years, of all that was booked in them. The supplement before
-- January is in January, the one after December in December.
with run as (
    select * from {{ ref('int_run') }}
),

booked as (
    select
        costs.posting_month as month,
        bridge.level,
        bridge.key,
        sum(costs.amount) as amount
    from {{ ref('int_costs') }} as costs
    cross join run
    inner join {{ ref('int_level_bridge') }} as bridge
        on
            costs.function = bridge.function
            and costs.measure_type = bridge.measure_type
    where costs.posting_date <= run.as_of
    group by costs.posting_month, bridge.level, bridge.key
),

keys as (
    select distinct
        level,
        key
    from booked
),

months as (
    select
        months.month,
        months.year,
        cast(extract(month from months.month) as integer) as month_number
    from {{ ref('int_months') }} as months
    inner join run
        on
            months.month >= run.first_month
            and months.month <= run.last_complete_month
),

used as (
    select
        months.month,
        months.year,
        months.month_number,
        keys.level,
        keys.key,
        sum(coalesce(booked.amount, 0)) over (
            partition by keys.level, keys.key, months.year
            order by months.month
            rows between unbounded preceding and current row
        ) as amount,
        sum(coalesce(booked.amount, 0)) over (partition by keys.level, keys.key, months.year) as year_amount,
        count(*) over (partition by keys.level, keys.key, months.year) as months_of_year
    from keys
    cross join months
    left join booked
        on
            months.month = booked.month
            and keys.level = booked.level
            and keys.key = booked.key
),

norms as (
    select
        used.month,
        used.level,
        used.key,
        avg(cast(earlier.amount as double) / cast(earlier.year_amount as double)) as rate,
        count(*) as years
    from used
    inner join used as earlier
        on
            used.level = earlier.level
            and used.key = earlier.key
            and used.month_number = earlier.month_number
            and used.year > earlier.year
            and earlier.months_of_year = 12
            and earlier.year_amount > 0
    group by used.month, used.level, used.key
),

rates as (
    select
        used.*,
        budget.adjusted_budget,
        case
            when budget.adjusted_budget > 0
                then cast(used.amount as double) / cast(budget.adjusted_budget as double)
        end as rate
    from used
    left join {{ ref('int_budget_level') }} as budget
        on
            used.year = budget.year
            and used.level = budget.level
            and used.key = budget.key
)

select
    rates.month,
    rates.year,
    rates.level,
    rates.key,
    labels.label_da,
    labels.label_en,
    cast(rates.adjusted_budget as decimal(18, 2)) as adjusted_budget,
    cast(rates.amount as decimal(18, 2)) as used_amount,
    cast(rates.rate as decimal(9, 4)) as consumption_rate,
    cast(norms.rate as decimal(9, 4)) as norm_rate,
    cast((rates.rate - norms.rate) * 100 as decimal(9, 2)) as deviation_points,
    cast(coalesce(norms.years, 0) as integer) as norm_years
from rates
inner join {{ ref('int_level_labels') }} as labels on rates.level = labels.level and rates.key = labels.key
left join norms
    on
        rates.month = norms.month
        and rates.level = norms.level
        and rates.key = norms.key
