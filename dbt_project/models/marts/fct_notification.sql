-- Grain: one notification of concern: where it came from, how it was met and what came of it.
with duties as (
    select
        source_system,
        subject_id,
        max(case when duty = 'notification_assessment' then on_time end) as is_assessed_on_time,
        max(case when duty = 'notification_acknowledgement' then on_time end) as is_acknowledged_on_time
    from {{ ref('int_deadlines') }}
    where duty in ('notification_assessment', 'notification_acknowledgement')
    group by source_system, subject_id
)

select
    notifications.notification_key,
    notifications.notification_id,
    notifications.source_system,
    {{ date_key('notifications.received_on') }} as date_key,
    notifications.child_key,
    notifications.case_key,
    coalesce(organisation.organisation_key, -1) as organisation_key,
    notifications.measure_key,
    notifications.received_at,
    notifications.received_on,
    notifications.written_reporter,
    notifications.reporter,
    sources.label_da as reporter_da,
    sources.label_en as reporter_en,
    sources.is_universal_services,
    notifications.acknowledged_on,
    notifications.assessed_at,
    cast(
        {{ dbt.datediff('notifications.received_at', 'notifications.assessed_at', 'minute') }} / 60.0
        as decimal(18, 2)
    ) as hours_to_assessment,
    duties.is_assessed_on_time,
    duties.is_acknowledged_on_time,
    notifications.outcome,
    notifications.previous_received_on,
    notifications.is_repeat,
    notifications.led_to_measure,
    notifications.is_outcome_known,
    notifications.load_id
from {{ ref('int_notifications') }} as notifications
inner join {{ ref('ref_notification_sources') }} as sources on notifications.reporter = sources.reporter
left join duties
    on
        notifications.source_system = duties.source_system
        and notifications.notification_id = duties.subject_id
left join {{ ref('dim_organisation') }} as organisation
    on
        {{ surrogate_key(['notifications.team', 'notifications.caseworker_id']) }}
        = organisation.organisation_key
