-- Grain: one year on one level and key (year, level, key): how many children stand behind the booked cost.
-- Publishing reads this to decide what is too little to show.
with by_child as (
    select
        costs.year,
        bridge.level,
        bridge.key,
        costs.person_id,
        costs.posting_month,
        sum(costs.amount) as amount
    from {{ ref('int_costs') }} as costs
    cross join {{ ref('int_run') }} as run
    inner join {{ ref('int_level_bridge') }} as bridge
        on
            costs.function = bridge.function
            and costs.measure_type = bridge.measure_type
    where costs.person_id is not null and costs.posting_date <= run.as_of
    group by costs.year, bridge.level, bridge.key, costs.person_id, costs.posting_month
),

by_month as (
    select
        year,
        level,
        key,
        min(children) as children_month_min
    from (
        select
            year,
            level,
            key,
            posting_month,
            count(*) as children
        from by_child
        group by year, level, key, posting_month
    ) as months
    group by year, level, key
),

by_year as (
    select
        year,
        level,
        key,
        count(*) as children,
        max(amount) as largest_amount,
        -- Income on a child does not dilute what another child costs.
        sum(case when amount > 0 then amount else 0 end) as positive_amount
    from (
        select
            year,
            level,
            key,
            person_id,
            sum(amount) as amount
        from by_child
        group by year, level, key, person_id
    ) as children
    group by year, level, key
)

select
    by_year.year,
    by_year.level,
    by_year.key,
    cast(by_year.children as integer) as children,
    cast(by_month.children_month_min as integer) as children_month_min,
    cast(
        case when by_year.positive_amount > 0 then by_year.largest_amount / by_year.positive_amount end
        as decimal(9, 4)
    ) as largest_child_share
from by_year
inner join by_month
    on
        by_year.year = by_month.year
        and by_year.level = by_month.level
        and by_year.key = by_month.key
