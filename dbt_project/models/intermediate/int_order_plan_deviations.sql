-- Grain: one year, measure type and sector of the order plan (year, measure_type, sector): since when it does not hold.
-- Each complete month compares the year so far with the plan. A deviation counts from the first month from which on
-- every month lay above (or every month below) the limit in ref_activity_limits; null where the last one does not.
with run as (
    select * from {{ ref('int_run') }}
),

limits as (
    select
        months.month,
        max(case when limits.limit_name = 'order_plan_persons_share' then limits.limit_value end)
            as persons_share,
        max(case when limits.limit_name = 'order_plan_persons_min' then limits.limit_value end)
            as persons_min,
        max(case when limits.limit_name = 'order_plan_price_share' then limits.limit_value end) as price_share
    from {{ ref('int_months') }} as months
    inner join {{ ref('ref_activity_limits') }} as limits
        on months.month between limits.valid_from and coalesce(limits.valid_to, {{ end_of_time() }})
    group by months.month
),

active as (
    select
        month,
        measure_type,
        sector,
        sum(active_days) as active_days,
        sum(committed_amount) as amount
    from {{ ref('int_measure_months') }}
    group by month, measure_type, sector
),

so_far as (
    select
        plan.year,
        plan.measure_type,
        plan.sector,
        plan.planned_full_year_persons,
        plan.planned_unit_price,
        months.month,
        months.days_in_year,
        limits.persons_share,
        limits.persons_min,
        limits.price_share,
        sum(months.days_in_month) over (
            partition by plan.year, plan.measure_type, plan.sector
            order by months.month rows between unbounded preceding and current row
        ) as days_elapsed,
        sum(coalesce(active.active_days, 0)) over (
            partition by plan.year, plan.measure_type, plan.sector
            order by months.month rows between unbounded preceding and current row
        ) as active_days,
        sum(coalesce(active.amount, 0)) over (
            partition by plan.year, plan.measure_type, plan.sector
            order by months.month rows between unbounded preceding and current row
        ) as amount
    from {{ ref('int_order_plan') }} as plan
    cross join run
    inner join {{ ref('int_months') }} as months
        on
            plan.year = months.year
            and run.last_complete_month >= months.month
    inner join limits on months.month = limits.month
    left join active
        on
            months.month = active.month
            and plan.measure_type = active.measure_type
            and plan.sector = active.sector
),

differences as (
    select
        *,
        active_days * 1.0 / days_elapsed - planned_full_year_persons as persons_off,
        greatest(planned_full_year_persons * persons_share, persons_min) as persons_limit,
        case when active_days > 0 then amount * days_in_year / active_days - planned_unit_price end
            as price_off,
        planned_unit_price * price_share as price_limit
    from so_far
),

sides as (
    select
        year,
        measure_type,
        sector,
        month,
        case when persons_off > persons_limit then 1 when persons_off < -persons_limit then -1 else 0 end
            as persons_side,
        case when price_off > price_limit then 1 when price_off < -price_limit then -1 else 0 end
            as price_side,
        max(month) over (partition by year, measure_type, sector) as last_month
    from differences
),

last_sides as (
    select
        *,
        max(case when month = last_month then persons_side end)
            over (partition by year, measure_type, sector)
            as last_persons_side,
        max(case when month = last_month then price_side end)
            over (partition by year, measure_type, sector)
            as last_price_side
    from sides
),

turns as (
    select
        *,
        coalesce(
            max(case when persons_side <> last_persons_side then month end)
                over (partition by year, measure_type, sector),
            {{ beginning_of_time() }}
        ) as persons_turned_after,
        coalesce(
            max(case when price_side <> last_price_side then month end)
                over (partition by year, measure_type, sector),
            {{ beginning_of_time() }}
        ) as price_turned_after
    from last_sides
)

select
    year,
    measure_type,
    sector,
    min(case when last_persons_side <> 0 and month > persons_turned_after then month end)
        as persons_deviate_from,
    min(case when last_price_side <> 0 and month > price_turned_after then month end) as price_deviates_from
from turns
group by year, measure_type, sector
