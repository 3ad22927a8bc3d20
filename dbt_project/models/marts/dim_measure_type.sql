-- Grain: one measure type, and −1 for costs and measures that no type is known for.
select
    {{ surrogate_key(['measure_type']) }} as measure_type_key,
    measure_type,
    dst_code,
    label_da,
    label_en,
    category,
    step,
    function,
    grouping,
    is_foster_care,
    is_network_care,
    is_residential,
    age_limit,
    valid_from,
    valid_to,
    source,
    is_verified
from {{ ref('int_measure_types') }}
union all
select
    cast(-1 as bigint) as measure_type_key,
    key as measure_type,
    cast(null as {{ dbt.type_string() }}) as dst_code,
    label_da,
    label_en,
    cast(null as {{ dbt.type_string() }}) as category,
    cast(null as integer) as step,
    cast(null as {{ dbt.type_string() }}) as function,
    cast(null as {{ dbt.type_string() }}) as grouping,
    false as is_foster_care,
    false as is_network_care,
    false as is_residential,
    cast(null as integer) as age_limit,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to,
    cast(null as {{ dbt.type_string() }}) as source,
    false as is_verified
from {{ ref('ref_labels') }}
where scope = 'measure_type' and key = 'unknown'
