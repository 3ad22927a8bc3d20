-- Grain: one supervision visit that one placement owes (measure_key, year of the placement, number of the visit).
-- The visits are owed in each whole year counted from the placement's start, all of them by that year's last
-- day; a year that the placement does not last to the end of owes none. Only a visit at which the child was
-- heard counts. A visit that a past year lacks can no longer be made up for.
with placements as (
    select
        measures.*,
        cast(extract(year from months.month) - extract(year from measures.starts_on) as integer)
            as year_number
    from {{ ref('int_duty_measures') }} as measures
    cross join {{ ref('int_run') }} as run
    -- One month for each year: that in which the placement's year begins.
    inner join {{ ref('int_months') }} as months
        on
            months.month between {{ month_start('measures.starts_on') }} and run.as_of
            and extract(month from measures.starts_on) = extract(month from months.month)
    where measures.has_supervision
),

placement_years as (
    select
        *,
        {{ add_months('starts_on', '12 * year_number') }} as year_starts_on,
        {{ add_days(add_months('starts_on', '12 * (year_number + 1)'), -1) }} as year_ends_on
    from placements
),

owing_years as (
    select placement_years.*
    from placement_years
    cross join {{ ref('int_run') }} as run
    cross join {{ ref('int_follow_up_history') }} as history
    where
        placement_years.year_starts_on between history.supervision_from and run.as_of
        and coalesce(placement_years.ended_on >= placement_years.year_ends_on, true)
),

visits as (
    select
        measures.measure_key,
        follow_ups.held_on,
        follow_ups.follow_up_id,
        measures.starts_on,
        cast(extract(year from follow_ups.held_on) - extract(year from measures.starts_on) as integer)
            as years
    from {{ ref('int_duty_measures') }} as measures
    cross join {{ ref('int_run') }} as run
    inner join {{ ref('stg_cases__follow_ups') }} as follow_ups
        on
            measures.measure_id = follow_ups.measure_id
            and (measures.is_measure_id_unique or measures.source_system = follow_ups.source_system)
    where
        measures.has_supervision
        and follow_ups.kind = 'supervision'
        and follow_ups.child_heard
        and follow_ups.held_on between measures.starts_on and run.as_of
),

visits_of_year as (
    select
        measure_key,
        held_on,
        follow_up_id,
        case when {{ add_months('starts_on', '12 * years') }} > held_on then years - 1 else years end
            as year_number
    from visits
),

numbered_visits as (
    select
        *,
        row_number()
            over (partition by measure_key, year_number order by held_on, follow_up_id)
            as visit_number
    from visits_of_year
),

-- 1, 2, … up to the most visits that any rule asks for.
numbers as (
    select row_number() over (order by month) as visit_number
    from {{ ref('int_months') }}
),

most as (
    select max(due_number) as visits
    from {{ ref('ref_deadline_rules') }}
    where due_unit = 'visits_per_year'
),

asked as (
    select numbers.visit_number
    from numbers
    cross join most
    where numbers.visit_number <= most.visits
)

select
    'supervision' as duty,
    'placement' as scope,
    owing_years.source_system,
    owing_years.measure_id as subject_id,
    owing_years.measure_key as subject_key,
    cast(owing_years.year_number * 100 + asked.visit_number as integer) as occurrence,
    owing_years.year_starts_on as trigger_on,
    cast(null as timestamp) as trigger_at,
    cast(null as date) as parallel_on,
    cast(null as date) as set_on,
    numbered_visits.held_on as met_on,
    cast(null as timestamp) as met_at,
    {{ add_days('owing_years.year_ends_on', 1) }} as fell_away_on,
    cast(null as date) as told_from,
    owing_years.child_key,
    owing_years.case_key,
    owing_years.measure_key,
    owing_years.team,
    owing_years.caseworker_id,
    owing_years.load_id
from owing_years
cross join asked
left join numbered_visits
    on
        owing_years.measure_key = numbered_visits.measure_key
        and owing_years.year_number = numbered_visits.year_number
        and asked.visit_number = numbered_visits.visit_number
