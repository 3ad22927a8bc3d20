-- Grain: one year on one level and key in one run (run_id, year, level, key). Earlier runs stay as they were.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='outturn_key',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

{% set has_budget = "outturns.year <= run.current_year or budgeted.year is not null" %}

with run as (
    select * from {{ ref('int_run') }}
),

budgeted as (
    select distinct year
    from {{ ref('int_budget_level') }}
)

select
    {{ surrogate_key(['outturns.run_id', 'outturns.year', 'outturns.level', 'outturns.key']) }}
        as outturn_key,
    outturns.run_id,
    run.as_of,
    outturns.year,
    outturns.level,
    outturns.key,
    coalesce(types.measure_type_key, -1) as measure_type_key,
    -- Budget and bookings as this run knew them; a rebuilt warehouse knows them for the newest run only.
    -- A coming year that nobody has budgeted yet has no budget.
    case when {{ has_budget }} then coalesce(budget.original_budget, 0) end
        as original_budget,
    case when {{ has_budget }} then coalesce(budget.adjusted_budget, 0) end
        as adjusted_budget,
    case when {{ has_budget }} then coalesce(budget.supplementary_budget, 0) end
        as supplementary_budget,
    case when {{ has_budget }} then coalesce(budget.transferred_budget, 0) end
        as transferred_budget,
    case when run.run_id is not null then coalesce(actual.actual_to_date, 0) end as actual_to_date,
    case when run.run_id is not null then coalesce(actual.committed, 0) end as committed,
    outturns.actual_complete_months,
    outturns.mean,
    outturns.p10,
    outturns.p50,
    outturns.p90,
    outturns.probability_over_budget,
    outturns.months_known,
    outturns.floor_amount,
    outturns.open_amount
from {{ ref('stg_forecasting__outturns') }} as outturns
left join run on outturns.run_id = run.run_id
left join budgeted on run.run_id is not null and outturns.year = budgeted.year
left join {{ ref('int_budget_level') }} as budget
    on
        run.run_id is not null
        and outturns.year = budget.year
        and outturns.level = budget.level
        and outturns.key = budget.key
left join {{ ref('int_actual_level') }} as actual
    on
        run.run_id is not null
        and outturns.year = actual.year
        and outturns.level = actual.level
        and outturns.key = actual.key
left join {{ ref('dim_measure_type') }} as types
    on
        outturns.level = 'measure_type'
        and outturns.key = types.measure_type
{% if is_incremental() %}
    where
        run.run_id is not null
        or outturns.run_id not in (select earlier.run_id from {{ this }} as earlier)
{% endif %}
