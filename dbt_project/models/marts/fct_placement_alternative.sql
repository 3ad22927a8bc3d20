-- Grain: one measure granted as an alternative to placement (measure_key), and what followed.
-- The time that it is followed is in ref_activity_limits. `placed` within it, `not_placed` when it is over, else `open`.
with run as (
    select * from {{ ref('int_run') }}
),

alternatives as (
    select
        measures.measure_key,
        measures.person_id,
        measures.child_key,
        measures.case_key,
        measures.measure_type,
        measures.starts_on,
        cast(
            {{ dbt.dateadd('month', 'cast(limits.limit_value as integer)', 'measures.starts_on') }} as date
        ) as followed_to
    from {{ ref('int_measures') }} as measures
    inner join run on measures.starts_on <= run.as_of
    inner join {{ ref('ref_activity_limits') }} as limits
        on
            measures.starts_on
            between limits.valid_from and coalesce(limits.valid_to, {{ end_of_time() }})
    where
        measures.alternative_to_placement
        and measures.commitment = 'granted'
        and limits.limit_name = 'alternative_follow_up_months'
),

begun as (
    select
        placements.person_id,
        placements.starts_on
    from {{ ref('int_placement_spells') }} as placements
    inner join run on placements.starts_on <= run.as_of
    where placements.is_start_of_placement
),

placed as (
    select
        alternatives.measure_key,
        min(begun.starts_on) as placed_on
    from alternatives
    inner join begun
        on
            alternatives.person_id = begun.person_id
            and alternatives.starts_on <= begun.starts_on
            and alternatives.followed_to > begun.starts_on
    group by alternatives.measure_key
)

select
    alternatives.measure_key,
    alternatives.child_key,
    alternatives.case_key,
    coalesce(types.measure_type_key, -1) as measure_type_key,
    alternatives.measure_type,
    alternatives.starts_on,
    {{ date_key('alternatives.starts_on') }} as date_key,
    alternatives.followed_to,
    placed.placed_on,
    case
        when placed.placed_on is not null then 'placed'
        when alternatives.followed_to <= run.as_of then 'not_placed'
        else 'open'
    end as outcome
from alternatives
cross join run
left join placed on alternatives.measure_key = placed.measure_key
left join {{ ref('dim_measure_type') }} as types on alternatives.measure_type = types.measure_type
