-- Grain: one year (year) in which a child moved from one placement to another, or a placement broke down.
with events as (
    select
        cast(extract(year from events.month) as integer) as year,
        events.child_key,
        case when events.event = 'move' then 1 else 0 end as moves,
        case when events.direction = 'up' then 1 else 0 end as moved_up,
        case when events.direction = 'down' then 1 else 0 end as moved_down,
        case when events.direction = 'same' then 1 else 0 end as moved_level,
        case when events.is_breakdown then 1 else 0 end as breakdowns
    from {{ ref('fct_placement_event') }} as events
    cross join {{ ref('int_run') }} as run
    where
        events.month between run.first_activity_month and run.last_complete_month
        and (events.event = 'move' or events.is_breakdown)
)

select
    year,
    cast(sum(moves) as integer) as moves,
    cast(sum(moved_up) as integer) as moved_up,
    cast(sum(moved_down) as integer) as moved_down,
    cast(sum(breakdowns) as integer) as breakdowns,
    cast(count(distinct child_key) as integer) as children,
    -- What is neither up nor down can be told from the others, so it counts too.
    cast(
        least(
            nullif(count(distinct case when moved_up = 1 then child_key end), 0),
            nullif(count(distinct case when moved_down = 1 then child_key end), 0),
            nullif(count(distinct case when moved_level = 1 then child_key end), 0),
            nullif(count(distinct case when breakdowns = 1 then child_key end), 0)
        ) as integer
    ) as children_min,
    false as suppressed
from events
group by year
