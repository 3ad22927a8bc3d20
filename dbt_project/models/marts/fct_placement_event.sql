-- Grain: one start, move or end of a child's placement (placement_event_key), by as_of.
-- A new grant for the same place, or a place that is only registered under another type, is no event. The reason of a
-- move is that of the placement which was left.
with run as (
    select * from {{ ref('int_run') }}
),

spells as (
    select
        placements.*,
        coalesce(reasons.reason_kind, 'unknown') as reason_kind,
        types.measure_type_key,
        types.step
    from {{ ref('int_placement_spells') }} as placements
    left join {{ ref('ref_end_reasons') }} as reasons
        on
            lower(trim(placements.end_reason)) = reasons.end_reason
            and placements.runs_to
            between reasons.valid_from and coalesce(reasons.valid_to, {{ end_of_time() }})
    left join {{ ref('dim_measure_type') }} as types on placements.measure_type = types.measure_type
),

events as (
    select
        'start' as event,
        measure_key,
        starts_on as event_on,
        child_key,
        case_key,
        cast(-1 as bigint) as measure_key_before,
        measure_key as measure_key_after
    from spells
    where is_start_of_placement
    union all
    select
        'move' as event,
        arrived.measure_key,
        arrived.starts_on as event_on,
        arrived.child_key,
        arrived.case_key,
        left_place.measure_key as measure_key_before,
        arrived.measure_key as measure_key_after
    from spells as arrived
    inner join spells as left_place on arrived.previous_measure_key = left_place.measure_key
    where
        left_place.reason_kind <> 'administrative'
        and (
            arrived.measure_type <> left_place.measure_type
            or arrived.provider_id is distinct from left_place.provider_id
        )
    union all
    select
        'end' as event,
        measure_key,
        runs_to as event_on,
        child_key,
        case_key,
        measure_key as measure_key_before,
        cast(-1 as bigint) as measure_key_after
    from spells
    where is_end_of_placement and ended_on is not null
)

select
    {{ surrogate_key(['events.event', 'events.measure_key']) }} as placement_event_key,
    events.event,
    events.event_on,
    {{ month_start('events.event_on') }} as month,
    {{ date_key('events.event_on') }} as date_key,
    events.child_key,
    events.case_key,
    events.measure_key_before,
    events.measure_key_after,
    coalesce(before.measure_type_key, -1) as measure_type_key_before,
    coalesce(later.measure_type_key, -1) as measure_type_key_after,
    before.measure_type as measure_type_before,
    later.measure_type as measure_type_after,
    before.step as step_before,
    later.step as step_after,
    case
        when events.event <> 'move' then 'none'
        when later.step > before.step then 'up'
        when later.step < before.step then 'down'
        else 'same'
    end as direction,
    before.end_reason,
    case when events.event = 'start' then 'none' else before.reason_kind end as reason_kind,
    events.event <> 'start' and before.reason_kind = 'breakdown' as is_breakdown,
    cast(floor({{ dbt.datediff('children.birth_month', 'events.event_on', 'month') }} / 12.0) as integer)
        as age_years,
    cast({{ days_inclusive('before.starts_on', 'before.runs_to') }} as integer) as days_before
from events
inner join run on events.event_on <= run.as_of
left join spells as before on events.measure_key_before = before.measure_key
left join spells as later on events.measure_key_after = later.measure_key
left join {{ ref('dim_child') }} as children on events.child_key = children.child_key
