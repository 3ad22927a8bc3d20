-- Grain: one case (case_id): the newest delivery where two systems use the same id.
with delivered as (
    select
        *,
        row_number() over (partition by case_id order by load_seq desc, source_system asc) as recency
    from {{ ref('stg_cases__cases') }}
)

select
    {{ surrogate_key(['case_id']) }} as case_key,
    case_id,
    person_id,
    opened_on,
    closed_on,
    caseworker_id,
    team,
    target_group,
    acting_municipality,
    paying_municipality,
    residence_municipality,
    source_system,
    load_id
from delivered
where recency = 1
