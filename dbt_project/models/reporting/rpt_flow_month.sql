-- Grain: one month and measure type (month, measure_type) in which somebody came, moved or went.
-- Placements: children who begin or stop being placed, and moves between places. Other measures: their starts and ends.
with run as (
    select * from {{ ref('int_run') }}
),

flows as (
    select
        month,
        measure_type_after as measure_type,
        child_key,
        case when event = 'start' then 1 else 0 end as started,
        0 as ended,
        case when event = 'move' then 1 else 0 end as moved_in,
        0 as moved_out,
        case when direction = 'up' then 1 else 0 end as moved_up,
        case when direction = 'down' then 1 else 0 end as moved_down,
        0 as breakdowns
    from {{ ref('fct_placement_event') }}
    where event in ('start', 'move')
    union all
    select
        month,
        measure_type_before as measure_type,
        child_key,
        0 as started,
        case when event = 'end' then 1 else 0 end as ended,
        0 as moved_in,
        case when event = 'move' then 1 else 0 end as moved_out,
        0 as moved_up,
        0 as moved_down,
        case when is_breakdown then 1 else 0 end as breakdowns
    from {{ ref('fct_placement_event') }}
    where event in ('move', 'end')
    union all
    select
        {{ month_start('measures.starts_on') }} as month,
        measures.measure_type,
        measures.child_key,
        1 as started,
        0 as ended,
        0 as moved_in,
        0 as moved_out,
        0 as moved_up,
        0 as moved_down,
        0 as breakdowns
    from {{ ref('int_measures') }} as measures
    where measures.commitment = 'granted' and coalesce(measures.category, 'none') <> 'placement'
    union all
    select
        {{ month_start('measures.ended_on') }} as month,
        measures.measure_type,
        measures.child_key,
        0 as started,
        1 as ended,
        0 as moved_in,
        0 as moved_out,
        0 as moved_up,
        0 as moved_down,
        0 as breakdowns
    from {{ ref('int_measures') }} as measures
    where
        measures.commitment = 'granted'
        and measures.ended_on is not null
        and coalesce(measures.category, 'none') <> 'placement'
)

select
    flows.month,
    flows.measure_type,
    types.label_da,
    types.label_en,
    types.category,
    cast(sum(flows.started) as integer) as started,
    cast(sum(flows.ended) as integer) as ended,
    cast(sum(flows.moved_in) as integer) as moved_in,
    cast(sum(flows.moved_out) as integer) as moved_out,
    cast(sum(flows.moved_up) as integer) as moved_up,
    cast(sum(flows.moved_down) as integer) as moved_down,
    cast(sum(flows.breakdowns) as integer) as breakdowns,
    cast(count(distinct flows.child_key) as integer) as children,
    cast(
        least(
            nullif(count(distinct case when flows.started = 1 then flows.child_key end), 0),
            nullif(count(distinct case when flows.ended = 1 then flows.child_key end), 0),
            nullif(count(distinct case when flows.moved_in = 1 then flows.child_key end), 0),
            nullif(count(distinct case when flows.moved_out = 1 then flows.child_key end), 0),
            nullif(count(distinct case when flows.moved_up = 1 then flows.child_key end), 0),
            nullif(count(distinct case when flows.moved_down = 1 then flows.child_key end), 0),
            nullif(count(distinct case when flows.breakdowns = 1 then flows.child_key end), 0)
        ) as integer
    ) as children_min,
    false as suppressed
from flows
inner join run
    on
        flows.month >= run.first_activity_month
        and flows.month <= run.last_complete_month
inner join {{ ref('dim_measure_type') }} as types on flows.measure_type = types.measure_type
group by flows.month, flows.measure_type, types.label_da, types.label_en, types.category
