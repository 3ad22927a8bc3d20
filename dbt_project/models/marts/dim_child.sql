-- Grain: one child under its pseudonym, and −1 for unknown. No number, name or address.
select
    child_key,
    person_id as child_id,
    birth_month,
    sex,
    district,
    is_in_case_system
from {{ ref('int_children') }}
union all
select
    cast(-1 as bigint) as child_key,
    key as child_id,
    cast(null as date) as birth_month,
    cast(null as {{ dbt.type_string() }}) as sex,
    cast(null as {{ dbt.type_string() }}) as district,
    false as is_in_case_system
from {{ ref('ref_labels') }}
where scope = 'member' and key = 'unknown'
