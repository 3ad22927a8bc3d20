-- Grain: one granted placement measure (measure_key), and whether the child came from and went to home.
-- A move ends one placement and starts another within a day: it is neither a start nor an end of being placed.
with placements as (
    select
        *,
        coalesce(person_id, cast(measure_key as {{ dbt.type_string() }})) as person
    from {{ ref('int_measures') }}
    where category = 'placement' and commitment = 'granted' and runs_to >= starts_on
),

ordered as (
    select
        *,
        max(runs_to) over (
            partition by person
            order by starts_on, measure_key rows between unbounded preceding and 1 preceding
        ) as placed_to,
        lag(measure_key) over (partition by person order by starts_on, measure_key) as last_measure_key
    from placements
),

started as (
    select
        *,
        placed_to is null or placed_to < {{ add_days('starts_on', -1) }} as is_start_of_placement
    from ordered
),

numbered as (
    select
        *,
        sum(case when is_start_of_placement then 1 else 0 end) over (
            partition by person
            order by starts_on, measure_key rows between unbounded preceding and current row
        ) as spell_number
    from started
)

select
    measure_key,
    person_id,
    child_key,
    case_key,
    measure_type,
    provider_id,
    starts_on,
    runs_to,
    ended_on,
    end_reason,
    case when not is_start_of_placement then last_measure_key end as previous_measure_key,
    is_start_of_placement,
    row_number() over (
        partition by person, spell_number
        order by runs_to desc, starts_on desc, measure_key desc
    ) = 1 as is_end_of_placement
from numbered
