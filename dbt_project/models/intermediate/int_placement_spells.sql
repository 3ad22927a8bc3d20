-- Grain: one granted placement measure (measure_key), and whether the child came from and went to home.
-- A move ends one placement and starts another within a day: it is neither a start nor an end of being placed.
with placements as (
    select
        measure_key,
        person_id,
        starts_on,
        runs_to,
        ended_on
    from {{ ref('int_measures') }}
    where category = 'placement' and commitment = 'granted' and runs_to >= starts_on
)

select
    placements.measure_key,
    placements.person_id,
    placements.starts_on,
    placements.runs_to,
    placements.ended_on,
    count(before.measure_key) = 0 as is_start_of_placement,
    count(later.measure_key) = 0 as is_end_of_placement
from placements
left join placements as before
    on
        placements.person_id = before.person_id
        and placements.measure_key <> before.measure_key
        and placements.starts_on > before.starts_on
        and before.runs_to >= {{ add_days('placements.starts_on', -1) }}
left join placements as later
    on
        placements.person_id = later.person_id
        and placements.measure_key <> later.measure_key
        and placements.runs_to < later.runs_to
        and later.starts_on <= {{ add_days('placements.runs_to', 1) }}
group by
    placements.measure_key,
    placements.person_id,
    placements.starts_on,
    placements.runs_to,
    placements.ended_on
