-- Grain: one year, measure type and sector (year, measure_type, sector).
select
    plan.year,
    plan.measure_type,
    types.label_da,
    plan.sector,
    plan.planned_full_year_persons,
    plan.planned_unit_price,
    plan.planned_amount,
    plan.actual_full_year_persons,
    cast(plan.actual_full_year_persons - coalesce(plan.planned_full_year_persons, 0) as decimal(18, 4))
        as full_year_persons_deviation,
    plan.actual_unit_price,
    cast(plan.actual_unit_price - plan.planned_unit_price as decimal(18, 2)) as unit_price_deviation,
    cast(extract(month from plan.persons_deviate_from) as integer) as persons_deviate_from_month,
    cast(extract(month from plan.price_deviates_from) as integer) as price_deviates_from_month
from {{ ref('fct_order_plan') }} as plan
inner join {{ ref('dim_measure_type') }} as types on plan.measure_type_key = types.measure_type_key
inner join {{ ref('int_run') }} as run on plan.year <= run.current_year + 1
