-- Grain: one year and measure type (year, measure_type), to the last complete month.
with run as (
    select * from {{ ref('int_run') }}
),

active as (
    select
        cast(extract(year from months.month) as integer) as year,
        months.month,
        months.measure_type,
        months.child_key,
        months.active_days,
        months.days_in_year
    from {{ ref('int_measure_months') }} as months
    cross join run
    where
        months.active_days > 0
        and months.month between run.first_activity_month and run.last_complete_month
),

by_month as (
    select
        year,
        measure_type,
        month,
        count(distinct child_key) as children
    from active
    group by year, measure_type, month
),

fewest as (
    select
        year,
        measure_type,
        min(children) as children_month_min
    from by_month
    group by year, measure_type
),

by_year as (
    select
        year,
        measure_type,
        sum(active_days) / max(days_in_year) as full_year_persons,
        count(distinct child_key) as children
    from active
    group by year, measure_type
),

booked as (
    select
        costs.year,
        costs.measure_type,
        sum(costs.amount) as net_expenditure
    from {{ ref('int_costs') }} as costs
    cross join run
    where costs.posting_month <= run.last_complete_month and costs.posting_date <= run.as_of
    group by costs.year, costs.measure_type
),

keys as (
    select
        year,
        measure_type
    from by_year
    union distinct
    select
        year,
        measure_type
    from booked
)

select
    keys.year,
    keys.measure_type,
    types.label_da,
    types.label_en,
    types.category,
    types.function as parent_function,
    cast(coalesce(by_year.full_year_persons, 0) as decimal(18, 4)) as full_year_persons,
    cast(coalesce(by_year.children, 0) as integer) as children,
    cast(coalesce(booked.net_expenditure, 0) as decimal(18, 2)) as net_expenditure,
    cast(
        case when by_year.full_year_persons > 0 then booked.net_expenditure / by_year.full_year_persons end
        as decimal(18, 2)
    ) as unit_price,
    -- At the price level of the run's year; empty where either year has no index.
    cast(
        case
            when by_year.full_year_persons > 0
                then
                    booked.net_expenditure / by_year.full_year_persons
                    * price_now.price_index / price_then.price_index
        end as decimal(18, 2)
    ) as unit_price_fixed,
    cast(run.current_year as integer) as price_level_year,
    coalesce(price_then.verified and price_now.verified, false) as is_price_index_verified,
    cast(fewest.children_month_min as integer) as children_month_min,
    false as suppressed
from keys
cross join run
inner join {{ ref('dim_measure_type') }} as types on keys.measure_type = types.measure_type
left join by_year on keys.year = by_year.year and keys.measure_type = by_year.measure_type
left join booked on keys.year = booked.year and keys.measure_type = booked.measure_type
left join fewest on keys.year = fewest.year and keys.measure_type = fewest.measure_type
left join {{ ref('ref_price_index') }} as price_then on keys.year = price_then.year
left join {{ ref('ref_price_index') }} as price_now on run.current_year = price_now.year
