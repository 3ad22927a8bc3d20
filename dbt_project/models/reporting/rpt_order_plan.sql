-- Grain: one year, measure type and sector (year, measure_type, sector).
select
    plan.year,
    plan.measure_type,
    types.label_da,
    plan.sector,
    plan.planned_full_year_persons,
    plan.planned_unit_price,
    plan.actual_full_year_persons
from {{ ref('fct_order_plan') }} as plan
inner join {{ ref('dim_measure_type') }} as types on plan.measure_type_key = types.measure_type_key
inner join {{ ref('int_run') }} as run on plan.year <= run.current_year + 1
