-- Grain: one written account in one period of the chart, and −1 for unknown.
select
    accounts.account_key,
    accounts.account,
    accounts.account_function as function,
    accounts.function_name_da,
    accounts.function_name_en,
    accounts.account_dranst as dranst,
    accounts.account_ownership as ownership,
    owners.label_da as ownership_da,
    accounts.account_grouping as grouping,
    accounts.account_art as art,
    accounts.measure_type,
    accounts.function as series_function,
    accounts.budget_frame,
    accounts.is_in_area,
    accounts.valid_from,
    accounts.valid_to,
    accounts.chart_source as source,
    accounts.is_verified
from {{ ref('int_account_versions') }} as accounts
left join {{ ref('ref_account_ownership') }} as owners on accounts.account_ownership = owners.ownership_code
union all
select
    cast(-1 as bigint) as account_key,
    key as account,
    cast(null as {{ dbt.type_string() }}) as function,
    label_da as function_name_da,
    label_en as function_name_en,
    cast(null as {{ dbt.type_string() }}) as dranst,
    cast(null as {{ dbt.type_string() }}) as ownership,
    cast(null as {{ dbt.type_string() }}) as ownership_da,
    cast(null as {{ dbt.type_string() }}) as grouping,
    cast(null as {{ dbt.type_string() }}) as art,
    key as measure_type,
    key as series_function,
    cast(null as {{ dbt.type_string() }}) as budget_frame,
    false as is_in_area,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to,
    cast(null as {{ dbt.type_string() }}) as source,
    false as is_verified
from {{ ref('ref_labels') }}
where scope = 'member' and key = 'unknown'
