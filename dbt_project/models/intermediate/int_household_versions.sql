-- Grain: one child in one period in which it belonged to one household (person_id, valid_from); periods have no gaps.
-- A child whose household nobody told is a household of its own. A household holds from the day that it was known:
-- before the first delivery, and so for a child that was placed then, the first one known holds.
with known as (
    select
        person_id,
        household_id,
        cast(dbt_valid_from as date) as known_from,
        row_number() over (
            partition by person_id, cast(dbt_valid_from as date)
            order by dbt_valid_from desc, source_system asc
        ) as recency
    from {{ ref('hist_children') }}
    where dbt_is_deleted = 'False' and household_id is not null
),

followed as (
    select
        person_id,
        household_id,
        known_from,
        lag(household_id) over (partition by person_id order by known_from) as household_before
    from known
    where recency = 1
),

periods as (
    select
        person_id,
        household_id,
        household_before,
        known_from,
        lead(known_from) over (partition by person_id order by known_from) as next_known_from
    from followed
    where household_before is null or household_before <> household_id
)

select
    person_id,
    {{ surrogate_key(["'household'", 'household_id']) }} as household_key,
    case when household_before is null then {{ beginning_of_time() }} else known_from end as valid_from,
    coalesce({{ add_days('next_known_from', -1) }}, {{ end_of_time() }}) as valid_to
from periods
union all
select
    children.person_id,
    {{ surrogate_key(["'child'", 'children.person_id']) }} as household_key,
    {{ beginning_of_time() }} as valid_from,
    {{ end_of_time() }} as valid_to
from {{ ref('int_children') }} as children
left join periods on children.person_id = periods.person_id
where periods.person_id is null
