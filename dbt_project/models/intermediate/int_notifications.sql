-- Grain: one notification of concern (notification_key), with its source, its case and what came of it.
-- Its case is the child's newest one that was open on the day, else the first one opened within case_months.
-- It led to a measure where a new one, not one that replaces another, starts within measure_months.
-- Times are the case system's own clock, as delivered: they know no time zone.
with received as (
    select
        *,
        {{ surrogate_key(['source_system', 'notification_id']) }} as notification_key,
        cast(received_at as date) as received_on,
        cast(lag(received_at) over (partition by person_id order by received_at, notification_id) as date)
            as previous_received_on
    from {{ ref('stg_cases__notifications') }}
),

possible_cases as (
    select
        received.notification_key,
        cases.case_key,
        cases.team,
        cases.caseworker_id,
        row_number() over (
            partition by received.notification_key
            order by
                case when cases.opened_on <= received.received_on then 0 else 1 end asc,
                case when cases.opened_on <= received.received_on then cases.opened_on end desc,
                cases.opened_on asc,
                cases.case_id asc
        ) as preference
    from received
    cross join {{ ref('int_follow_up_limits') }} as limits
    inner join {{ ref('int_cases') }} as cases
        on
            received.person_id = cases.person_id
            and coalesce(received.received_on <= cases.closed_on, true)
            and cases.opened_on <= {{ add_months('received.received_on', 'limits.case_months') }}
),

possible_measures as (
    select
        received.notification_key,
        measures.measure_key,
        measures.starts_on,
        row_number() over (
            partition by received.notification_key
            order by measures.starts_on, measures.measure_key
        ) as preference
    from received
    cross join {{ ref('int_follow_up_limits') }} as limits
    inner join {{ ref('int_measures') }} as measures
        on
            received.person_id = measures.person_id
            and received.received_on <= measures.starts_on
            and measures.starts_on <= {{ add_months('received.received_on', 'limits.measure_months') }}
    where
        measures.commitment = 'granted'
        and measures.category in ('placement', 'prevention')
        and measures.replaces_measure_id is null
)

select
    received.notification_key,
    received.notification_id,
    received.source_system,
    received.person_id,
    coalesce(children.child_key, -1) as child_key,
    coalesce(possible_cases.case_key, -1) as case_key,
    possible_cases.team,
    possible_cases.caseworker_id,
    coalesce(possible_measures.measure_key, -1) as measure_key,
    received.received_at,
    received.received_on,
    received.reporter as written_reporter,
    coalesce(reporters.reporter, 'unknown') as reporter,
    received.acknowledged_on,
    received.assessed_at,
    received.outcome,
    received.previous_received_on,
    coalesce(
        received.received_on
        <= {{ add_months('received.previous_received_on', 'limits.repeat_months') }},
        false
    ) as is_repeat,
    -- Open until the months have passed or a measure has started.
    case
        when possible_measures.starts_on <= run.as_of then true
        when {{ add_months('received.received_on', 'limits.measure_months') }} <= run.as_of then false
    end as led_to_measure,
    {{ add_months('received.received_on', 'limits.measure_months') }} <= run.as_of as is_outcome_known,
    received.load_id
from received
cross join {{ ref('int_run') }} as run
cross join {{ ref('int_follow_up_limits') }} as limits
left join {{ ref('int_children') }} as children on received.person_id = children.person_id
left join possible_cases
    on received.notification_key = possible_cases.notification_key and possible_cases.preference = 1
left join possible_measures
    on received.notification_key = possible_measures.notification_key and possible_measures.preference = 1
left join {{ ref('ref_notification_reporters') }} as reporters
    on lower(trim(received.reporter)) = reporters.written_reporter
