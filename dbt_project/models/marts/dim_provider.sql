-- Grain: one provider in one period, and −1 for unknown. Families stand under their number, not their name.
select
    providers.provider_key,
    providers.provider_id,
    providers.provider_name,
    providers.cvr,
    providers.ownership,
    providers.sector,
    providers.measure_type,
    providers.municipality_code,
    coalesce(providers.municipality_code = run.municipality_code, false) as in_own_municipality,
    providers.daily_rate,
    providers.valid_from,
    providers.valid_to
from {{ ref('int_provider_versions') }} as providers
cross join {{ ref('int_run') }} as run
union all
select
    cast(-1 as bigint) as provider_key,
    key as provider_id,
    label_da as provider_name,
    cast(null as {{ dbt.type_string() }}) as cvr,
    cast(null as {{ dbt.type_string() }}) as ownership,
    key as sector,
    key as measure_type,
    cast(null as {{ dbt.type_string() }}) as municipality_code,
    cast(null as boolean) as in_own_municipality,
    cast(null as decimal(18, 2)) as daily_rate,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to
from {{ ref('ref_labels') }}
where scope = 'member' and key = 'unknown'
