-- Grain: one granted measure that has begun (measure_key): how long it has run, and whether it has ended.
-- What still runs is cut off on as_of (right-censored), as is what goes on in the same place under another name. A
-- measure from before the case system's history is watched from there on: its like that ended before is not known.
with run as (
    select * from {{ ref('int_run') }}
),

watched as (
    select
        measures.measure_key,
        measures.measure_type,
        measures.child_key,
        measures.starts_on,
        greatest(measures.starts_on, coalesce(run.first_activity_month, measures.starts_on)) as watched_from,
        least(measures.runs_to, run.as_of) as watched_to,
        measures.ended_on is not null
        and measures.ended_on <= run.as_of
        and coalesce(reasons.reason_kind, 'unknown') <> 'administrative' as is_ended
    from {{ ref('int_measures') }} as measures
    cross join run
    left join {{ ref('ref_end_reasons') }} as reasons
        on
            lower(trim(measures.end_reason)) = reasons.end_reason
            and measures.runs_to
            between reasons.valid_from and coalesce(reasons.valid_to, {{ end_of_time() }})
    where
        measures.commitment = 'granted'
        and measures.starts_on <= run.as_of
        and measures.runs_to >= measures.starts_on
)

select
    measure_key,
    measure_type,
    child_key,
    cast({{ days_inclusive('starts_on', 'watched_from') }} - 1 as integer) as entry_days,
    cast({{ days_inclusive('starts_on', 'watched_to') }} as integer) as days,
    is_ended
from watched
where watched_to >= watched_from
