-- Grain: one follow-up that one measure owes (measure_key, occurrence): each that was held, and the next one.
-- A follow-up in the case system that was not held is no duty of its own: it moves to the next one, which then
-- is as late as it is. So the days between two follow-ups are those that the law limits.
-- `set_on` is the day that the municipality has set: the earliest one written down since the previous follow-up.
with follow_ups as (
    select
        *,
        coalesce(due_on, held_on) as planned_on
    from {{ ref('stg_cases__follow_ups') }}
    where kind = 'follow_up' and (due_on is not null or held_on is not null)
),

-- One that names no measure is for every measure that runs in its case then.
of_measures as (
    select
        measures.measure_key,
        follow_ups.follow_up_id,
        follow_ups.planned_on,
        follow_ups.due_on,
        follow_ups.held_on
    from {{ ref('int_duty_measures') }} as measures
    inner join follow_ups
        on
            measures.measure_id = follow_ups.measure_id
            and (measures.is_measure_id_unique or measures.source_system = follow_ups.source_system)
    where measures.has_follow_up
    union all
    select
        measures.measure_key,
        follow_ups.follow_up_id,
        follow_ups.planned_on,
        follow_ups.due_on,
        follow_ups.held_on
    from {{ ref('int_duty_measures') }} as measures
    inner join follow_ups
        on
            measures.case_id = follow_ups.case_id
            and follow_ups.measure_id is null
            and follow_ups.planned_on between measures.starts_on and measures.runs_to
    where measures.has_follow_up
),

counted as (
    select
        of_measures.measure_key,
        of_measures.due_on,
        case when of_measures.held_on <= run.as_of then of_measures.held_on end as held_on,
        1 + coalesce(
            sum(case when of_measures.held_on <= run.as_of then 1 else 0 end) over (
                partition by of_measures.measure_key
                order by of_measures.planned_on, of_measures.follow_up_id
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as occurrence
    from of_measures
    cross join {{ ref('int_run') }} as run
),

grouped as (
    select
        measure_key,
        occurrence,
        min(due_on) as set_on,
        max(held_on) as held_on
    from counted
    group by measure_key, occurrence
),

held as (
    select
        measure_key,
        count(held_on) as times_held
    from grouped
    group by measure_key
),

owed as (
    select
        measure_key,
        occurrence
    from grouped
    union distinct
    select
        measures.measure_key,
        coalesce(held.times_held, 0) + 1 as occurrence
    from {{ ref('int_duty_measures') }} as measures
    left join held on measures.measure_key = held.measure_key
    where measures.has_follow_up
),

-- An assessment that ran when the measure started is parallel to it.
parallel_assessments as (
    select
        measures.measure_key,
        min(assessments.completed_on) as completed_on
    from {{ ref('int_duty_measures') }} as measures
    cross join {{ ref('int_run') }} as run
    inner join {{ ref('stg_cases__assessments') }} as assessments
        on
            measures.case_id = assessments.case_id
            and measures.starts_on >= assessments.opened_on
            and measures.starts_on < assessments.completed_on
            and run.as_of >= assessments.completed_on
    group by measures.measure_key
),

followed as (
    select
        owed.measure_key,
        owed.occurrence,
        grouped.set_on,
        grouped.held_on,
        lag(grouped.held_on) over (partition by owed.measure_key order by owed.occurrence) as previous_held_on
    from owed
    left join grouped
        on
            owed.measure_key = grouped.measure_key
            and owed.occurrence = grouped.occurrence
)

select
    case when followed.occurrence = 1 then 'follow_up_first' else 'follow_up_next' end as duty,
    measures.scope,
    measures.source_system,
    measures.measure_id as subject_id,
    measures.measure_key as subject_key,
    cast(followed.occurrence as integer) as occurrence,
    case
        when followed.occurrence = 1 then measures.starts_on
        else followed.previous_held_on
    end as trigger_on,
    cast(null as timestamp) as trigger_at,
    case when followed.occurrence = 1 then parallel_assessments.completed_on end as parallel_on,
    followed.set_on,
    followed.held_on as met_on,
    cast(null as timestamp) as met_at,
    measures.ended_on as fell_away_on,
    history.follow_ups_from as told_from,
    measures.child_key,
    measures.case_key,
    measures.measure_key,
    measures.team,
    measures.caseworker_id,
    measures.load_id
from followed
cross join {{ ref('int_follow_up_history') }} as history
inner join {{ ref('int_duty_measures') }} as measures on followed.measure_key = measures.measure_key
left join parallel_assessments on followed.measure_key = parallel_assessments.measure_key
