-- Grain: one caseworker in one team, or a team as such where the caseworker is unknown (team, caseworker_id).
with named as (
    select
        team,
        caseworker_id
    from {{ ref('int_cases') }}
    union distinct
    select
        team,
        caseworker_id
    from {{ ref('stg_cases__caseworkers') }}
    union distinct
    select
        team,
        cast(null as {{ dbt.type_string() }}) as caseworker_id
    from {{ ref('int_cases') }}
)

select
    {{ surrogate_key(['team', 'caseworker_id']) }} as organisation_key,
    team,
    caseworker_id
from named
where team is not null or caseworker_id is not null
