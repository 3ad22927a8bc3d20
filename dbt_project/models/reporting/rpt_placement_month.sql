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

placed as (
    select
        month,
        count(distinct child_key) as children_placed,
        count(distinct case when is_foster_care then child_key end) as children_foster,
        count(distinct case when is_network_care then child_key end) as children_network,
        count(distinct case when sector = 'internal' then child_key end) as children_internal
    from {{ ref('int_measure_months') }}
    where category = 'placement' and is_active_at_month_end
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
    cast(coalesce(started.started, 0) as integer) as started,
    cast(coalesce(ended.ended, 0) as integer) as ended,
    true as is_complete
from months
left join population on months.month = population.month
left join placed on months.month = placed.month
left join started on months.month = started.month
left join ended on months.month = ended.month
