-- Grain: one month: children placed at its end, in what kind of place, and how many started and ended.
with run as (
    select * from {{ ref('int_run') }}
),

months as (
    select months.*
    from {{ ref('int_months') }} as months
    cross join run
    where months.month between run.first_activity_month and run.last_complete_month
),

birth_months as (
    select
        birth_month,
        count(*) as children
    from {{ ref('int_children') }}
    where is_in_case_system and birth_month is not null
    group by birth_month
),

population as (
    select
        months.month,
        sum(birth_months.children) as children_population
    from months
    inner join birth_months
        on
            months.month >= birth_months.birth_month
            and {{ add_months('months.month', '-12 * (' ~ var('population_age_max') ~ ' + 1)') }}
            < birth_months.birth_month
    group by months.month
),

neighbours as (
    select distinct neighbours.neighbour_code
    from {{ ref('ref_neighbour_municipalities') }} as neighbours
    inner join run
        on
            neighbours.municipality_code = run.municipality_code
            and run.as_of between neighbours.valid_from and coalesce(neighbours.valid_to, {{ end_of_time() }})
),

places as (
    select
        places_at_end.*,
        neighbours.neighbour_code is not null as is_in_neighbourhood
    from {{ ref('int_measure_months') }} as places_at_end
    left join {{ ref('int_provider_versions') }} as providers
        on places_at_end.provider_key = providers.provider_key
    left join neighbours on providers.municipality_code = neighbours.neighbour_code
    where places_at_end.category = 'placement' and places_at_end.is_active_at_month_end
),

placed as (
    select
        month,
        count(distinct child_key) as children_placed,
        count(distinct case when is_foster_care then child_key end) as children_foster,
        count(distinct case when is_network_care then child_key end) as children_network,
        count(distinct case when sector = 'internal' then child_key end) as children_internal,
        count(distinct case when is_in_own_municipality then child_key end) as children_own_municipality,
        count(distinct case when is_in_own_municipality or is_in_neighbourhood then child_key end)
            as children_near
    from places
    group by month
),

ages as (
    select
        children.month,
        -- Only the month of birth is kept: whole months at the month's end.
        avg({{ dbt.datediff('named.birth_month', 'children.month', 'month') }} / 12.0) as average_age
    from (
        select distinct
            month,
            person_id
        from places
    ) as children
    inner join {{ ref('int_children') }} as named on children.person_id = named.person_id
    where named.birth_month is not null
    group by children.month
),

moved as (
    select
        month,
        sum(case when event = 'move' then 1 else 0 end) as moves,
        sum(case when direction = 'up' then 1 else 0 end) as moves_up,
        sum(case when direction = 'down' then 1 else 0 end) as moves_down,
        sum(case when is_breakdown then 1 else 0 end) as breakdowns
    from {{ ref('fct_placement_event') }}
    group by month
),

started as (
    select
        {{ month_start('starts_on') }} as month,
        count(*) as started
    from {{ ref('int_placement_spells') }}
    where is_start_of_placement
    group by {{ month_start('starts_on') }}
),

ended as (
    select
        {{ month_start('runs_to') }} as month,
        count(*) as ended
    from {{ ref('int_placement_spells') }}
    where is_end_of_placement and ended_on is not null
    group by {{ month_start('runs_to') }}
)

select
    months.month,
    cast(population.children_population as integer) as children_population,
    cast(coalesce(placed.children_placed, 0) as integer) as children_placed,
    cast(coalesce(placed.children_placed, 0) / nullif(population.children_population, 0) as decimal(9, 6))
        as share_placed,
    cast(placed.children_foster / nullif(placed.children_placed, 0) as decimal(9, 6)) as share_foster,
    cast(placed.children_network / nullif(placed.children_placed, 0) as decimal(9, 6)) as share_network,
    cast(placed.children_internal / nullif(placed.children_placed, 0) as decimal(9, 6)) as share_internal,
    cast(placed.children_own_municipality / nullif(placed.children_placed, 0) as decimal(9, 6))
        as share_own_municipality,
    cast(placed.children_near / nullif(placed.children_placed, 0) as decimal(9, 6)) as share_near,
    cast(ages.average_age as decimal(9, 2)) as average_age,
    cast(coalesce(started.started, 0) as integer) as started,
    cast(coalesce(ended.ended, 0) as integer) as ended,
    cast(coalesce(moved.moves, 0) as integer) as moves,
    cast(coalesce(moved.moves_up, 0) as integer) as moves_up,
    cast(coalesce(moved.moves_down, 0) as integer) as moves_down,
    cast(coalesce(moved.breakdowns, 0) as integer) as breakdowns,
    true as is_complete
from months
left join population on months.month = population.month
left join placed on months.month = placed.month
left join ages on months.month = ages.month
left join moved on months.month = moved.month
left join started on months.month = started.month
left join ended on months.month = ended.month
