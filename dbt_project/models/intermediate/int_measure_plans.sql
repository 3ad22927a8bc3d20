-- Grain: one plan for one measure that asks for a plan (measure_key, source_system, plan_id).
-- A plan that names its measure is that measure's; one that names none is for every measure of its case that it
-- is still valid for when the measure starts, and that has not ended before it is decided.
with plans as (
    select * from {{ ref('stg_cases__plans') }}
),

measures as (
    select * from {{ ref('int_duty_measures') }}
    where has_plan
)

select
    measures.measure_key,
    measures.case_key,
    plans.source_system,
    plans.plan_id,
    plans.decided_on,
    plans.valid_to
from measures
inner join plans
    on
        measures.measure_id = plans.measure_id
        and (measures.is_measure_id_unique or measures.source_system = plans.source_system)
where coalesce(plans.valid_to >= measures.starts_on, true)
union all
select
    measures.measure_key,
    measures.case_key,
    plans.source_system,
    plans.plan_id,
    plans.decided_on,
    plans.valid_to
from measures
inner join plans
    on
        measures.case_id = plans.case_id
        and measures.runs_to >= plans.decided_on
where plans.measure_id is null and coalesce(plans.valid_to >= measures.starts_on, true)
