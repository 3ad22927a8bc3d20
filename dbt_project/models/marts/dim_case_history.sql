-- Grain: one version of one case, from when it was known until something else was; and −1 for unknown.
select
    {{ version_key() }} as case_history_key,
    {{ surrogate_key(['history.case_id']) }} as case_key,
    history.case_id,
    history.source_system,
    {{ surrogate_key(['history.person_id']) }} as child_key,
    cast(history.dbt_valid_from as timestamp) as known_from,
    cast(history.dbt_valid_to as timestamp) as known_to,
    history.dbt_is_deleted = 'True' as is_vanished,
    history.opened_on,
    history.closed_on,
    history.caseworker_id,
    history.team,
    history.target_group,
    history.acting_municipality,
    history.paying_municipality,
    -- A protected child's municipality of residence says where to look for it, also an earlier one.
    case when not coalesce(children.is_place_protected, false) then history.residence_municipality end
        as residence_municipality,
    history.load_id
from {{ ref('hist_cases') }} as history
left join {{ ref('int_children') }} as children on history.person_id = children.person_id
union all
select
    cast(-1 as bigint) as case_history_key,
    cast(-1 as bigint) as case_key,
    key as case_id,
    cast(null as {{ dbt.type_string() }}) as source_system,
    cast(-1 as bigint) as child_key,
    cast(null as timestamp) as known_from,
    cast(null as timestamp) as known_to,
    false as is_vanished,
    cast(null as date) as opened_on,
    cast(null as date) as closed_on,
    cast(null as {{ dbt.type_string() }}) as caseworker_id,
    cast(null as {{ dbt.type_string() }}) as team,
    cast(null as {{ dbt.type_string() }}) as target_group,
    cast(null as {{ dbt.type_string() }}) as acting_municipality,
    cast(null as {{ dbt.type_string() }}) as paying_municipality,
    cast(null as {{ dbt.type_string() }}) as residence_municipality,
    cast(null as {{ dbt.type_string() }}) as load_id
from {{ ref('ref_labels') }}
where scope = 'member' and key = 'unknown'
