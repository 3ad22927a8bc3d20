-- Grain: one caseworker in one team, a team as such, and −1 for unknown.
select
    organisation_key,
    team,
    caseworker_id
from {{ ref('int_organisation') }}
union all
select
    cast(-1 as bigint) as organisation_key,
    label_da as team,
    cast(null as {{ dbt.type_string() }}) as caseworker_id
from {{ ref('ref_labels') }}
where scope = 'member' and key = 'unknown'
