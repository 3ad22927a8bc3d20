-- Grain: one case, and −1 for unknown.
select
    cases.case_key,
    cases.case_id,
    coalesce(children.child_key, -1) as child_key,
    coalesce(organisation.organisation_key, -1) as organisation_key,
    cases.opened_on,
    cases.closed_on,
    cases.opened_on <= run.as_of and coalesce(cases.closed_on > run.as_of, true) as is_open,
    cases.target_group,
    cases.acting_municipality,
    cases.paying_municipality,
    -- A protected child's municipality of residence says where to look for it.
    case when not coalesce(children.is_place_protected, false) then cases.residence_municipality end
        as residence_municipality
from {{ ref('int_cases') }} as cases
cross join {{ ref('int_run') }} as run
left join {{ ref('int_children') }} as children on cases.person_id = children.person_id
left join {{ ref('int_organisation') }} as organisation
    on {{ surrogate_key(['cases.team', 'cases.caseworker_id']) }} = organisation.organisation_key
union all
select
    cast(-1 as bigint) as case_key,
    key as case_id,
    cast(-1 as bigint) as child_key,
    cast(-1 as bigint) as organisation_key,
    cast(null as date) as opened_on,
    cast(null as date) as closed_on,
    cast(null as boolean) as is_open,
    cast(null as {{ dbt.type_string() }}) as target_group,
    cast(null as {{ dbt.type_string() }}) as acting_municipality,
    cast(null as {{ dbt.type_string() }}) as paying_municipality,
    cast(null as {{ dbt.type_string() }}) as residence_municipality
from {{ ref('ref_labels') }}
where scope = 'member' and key = 'unknown'
