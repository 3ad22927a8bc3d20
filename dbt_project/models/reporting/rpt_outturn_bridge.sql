-- Grain: one reason on one level and key (level, key, reason): from the earlier run's expected outturn to this run's.
-- A reason that rests on too few children is told under `forecast`, so the reasons still add up to the change.
with limits as (
    select max(limit_value) as children_min
    from {{ ref('ref_quality_limits') }}
    where limit_name = 'reason_children_min'
),

told as (
    select
        bridge.year,
        bridge.level,
        bridge.key,
        bridge.as_of_before,
        bridge.amount,
        case
            when bridge.reason = 'booked' or bridge.children >= limits.children_min then bridge.reason
            else 'forecast'
        end as reason
    from {{ ref('fct_outturn_bridge') }} as bridge
    inner join {{ ref('int_run') }} as run on bridge.run_id = run.run_id
    cross join limits
)

select
    told.year,
    told.level,
    told.key,
    levels.label_da,
    levels.label_en,
    told.reason,
    labels.label_da as reason_da,
    labels.label_en as reason_en,
    cast(sum(told.amount) as decimal(18, 2)) as amount,
    max(told.as_of_before) as as_of_before
from told
inner join {{ ref('int_level_labels') }} as levels on told.level = levels.level and told.key = levels.key
left join {{ ref('ref_labels') }} as labels on labels.scope = 'bridge_reason' and told.reason = labels.key
group by
    told.year,
    told.level,
    told.key,
    levels.label_da,
    levels.label_en,
    told.reason,
    labels.label_da,
    labels.label_en
