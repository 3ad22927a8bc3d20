-- Grain: one duty of one subject: a notification, an assessment, a plan, a follow-up or a supervision visit.
select
    deadlines.deadline_key,
    deadlines.duty,
    deadlines.rule,
    deadlines.law,
    deadlines.paragraph,
    deadlines.is_local_norm,
    deadlines.is_verified,
    deadlines.subject_id,
    deadlines.occurrence,
    {{ date_key('deadlines.due_on') }} as date_key,
    deadlines.child_key,
    deadlines.case_key,
    deadlines.measure_key,
    coalesce(organisation.organisation_key, -1) as organisation_key,
    deadlines.team,
    deadlines.caseworker_id,
    deadlines.trigger_on,
    deadlines.due_on,
    deadlines.due_at,
    deadlines.met_on,
    deadlines.fell_away_on,
    deadlines.on_time,
    cast(deadlines.days_late as integer) as days_late,
    deadlines.is_open,
    deadlines.is_open and deadlines.on_time is not null as is_overdue,
    deadlines.due_in_next_30_days,
    deadlines.source_system,
    deadlines.load_id
from {{ ref('int_deadlines') }} as deadlines
left join {{ ref('dim_organisation') }} as organisation
    on {{ surrogate_key(['deadlines.team', 'deadlines.caseworker_id']) }} = organisation.organisation_key
