-- Grain: one duty of one assessment or of one measure's plan (duty, subject_key).
-- An assessment falls away with its case, a plan with its measure.
with first_plans as (
    select
        measure_key,
        min(decided_on) as decided_on
    from {{ ref('int_measure_plans') }}
    group by measure_key
)

select
    'assessment' as duty,
    'all' as scope,
    assessments.source_system,
    assessments.assessment_id as subject_id,
    {{ surrogate_key(['assessments.source_system', 'assessments.assessment_id']) }} as subject_key,
    1 as occurrence,
    assessments.opened_on as trigger_on,
    cast(null as timestamp) as trigger_at,
    cast(null as date) as parallel_on,
    cast(null as date) as set_on,
    assessments.completed_on as met_on,
    cast(null as timestamp) as met_at,
    cases.closed_on as fell_away_on,
    cast(null as date) as told_from,
    coalesce(children.child_key, -1) as child_key,
    coalesce(cases.case_key, -1) as case_key,
    cast(-1 as bigint) as measure_key,
    cases.team,
    cases.caseworker_id,
    assessments.load_id
from {{ ref('stg_cases__assessments') }} as assessments
left join {{ ref('int_cases') }} as cases on assessments.case_id = cases.case_id
left join {{ ref('int_children') }} as children on assessments.person_id = children.person_id
union all
select
    'plan' as duty,
    measures.scope,
    measures.source_system,
    measures.measure_id as subject_id,
    measures.measure_key as subject_key,
    1 as occurrence,
    measures.starts_on as trigger_on,
    cast(null as timestamp) as trigger_at,
    cast(null as date) as parallel_on,
    cast(null as date) as set_on,
    first_plans.decided_on as met_on,
    cast(null as timestamp) as met_at,
    measures.ended_on as fell_away_on,
    history.plans_from as told_from,
    measures.child_key,
    measures.case_key,
    measures.measure_key,
    measures.team,
    measures.caseworker_id,
    measures.load_id
from {{ ref('int_duty_measures') }} as measures
cross join {{ ref('int_follow_up_history') }} as history
left join first_plans on measures.measure_key = first_plans.measure_key
where measures.has_plan
