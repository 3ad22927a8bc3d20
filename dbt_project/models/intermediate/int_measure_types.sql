-- Grain: one measure type (measure_type): the reference list, and what a local chart calls its own.
select
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
    verified as is_verified
from {{ ref('ref_measure_types') }}
union all
select
    measure_type,
    cast(null as {{ dbt.type_string() }}) as dst_code,
    max(grouping) as label_da,
    max(grouping) as label_en,
    cast(null as {{ dbt.type_string() }}) as category,
    cast(null as integer) as step,
    max(function) as function,
    max(grouping) as grouping,
    false as is_foster_care,
    false as is_network_care,
    false as is_residential,
    cast(null as integer) as age_limit,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to,
    'local chart' as source,
    false as is_verified
from {{ ref('int_local_types') }}
group by measure_type
