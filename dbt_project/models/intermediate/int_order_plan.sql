-- Grain: one year, measure type and sector (year, measure_type, sector) of the order plan.
select
    cast(year as integer) as year,
    measure_type,
    coalesce(sector, 'unknown') as sector,
    sum(full_year_persons) as planned_full_year_persons,
    sum(full_year_persons * unit_price) as planned_amount,
    cast(
        case
            when sum(full_year_persons) > 0
                then sum(full_year_persons * unit_price) / sum(full_year_persons)
            else max(unit_price)
        end as decimal(18, 2)
    ) as planned_unit_price
from {{ ref('stg_cases__order_plan') }}
group by year, measure_type, coalesce(sector, 'unknown')
