-- Grain: one adopted initiative, and −1 for none.
select
    {{ surrogate_key(['initiative_id']) }} as initiative_key,
    initiative_id,
    label_da,
    label_en,
    nullif(scenario, '') as scenario,
    starts_on,
    measure_types,
    planned_saving_year
from {{ ref('stg_orchestration__initiatives') }}
union all
select
    cast(-1 as bigint) as initiative_key,
    key as initiative_id,
    label_da,
    label_en,
    cast(null as {{ dbt.type_string() }}) as scenario,
    cast(null as date) as starts_on,
    cast(null as {{ dbt.type_string() }}) as measure_types,
    cast(null as decimal(18, 2)) as planned_saving_year
from {{ ref('ref_labels') }}
where scope = 'member' and key = 'unknown'
