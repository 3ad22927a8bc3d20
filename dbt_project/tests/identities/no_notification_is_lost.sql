-- Every notification is in fct_notification once, with one duty of each kind that a rule of its day knows.
with owed as (
    select
        notifications.source_system,
        notifications.notification_id,
        count(distinct rules.duty) as duties
    from {{ ref('stg_cases__notifications') }} as notifications
    left join {{ ref('ref_deadline_rules') }} as rules
        on
            rules.trigger_event = 'notification_received'
            and cast(notifications.received_at as date) between rules.valid_from
            and coalesce(rules.valid_to, {{ end_of_time() }})
    group by notifications.source_system, notifications.notification_id
),

told as (
    select
        source_system,
        notification_id,
        count(*) as times
    from {{ ref('fct_notification') }}
    group by source_system, notification_id
),

kept as (
    select
        source_system,
        subject_id,
        count(*) as duties
    from {{ ref('fct_deadline') }}
    where duty in ('notification_assessment', 'notification_acknowledgement')
    group by source_system, subject_id
)

select
    owed.source_system,
    owed.notification_id,
    told.times,
    owed.duties as duties_owed,
    kept.duties as duties_kept
from owed
left join told
    on
        owed.source_system = told.source_system
        and owed.notification_id = told.notification_id
left join kept
    on
        owed.source_system = kept.source_system
        and owed.notification_id = kept.subject_id
where coalesce(told.times, 0) <> 1 or coalesce(kept.duties, 0) <> owed.duties
