-- Grain: one version of one measure, from when it was known until something else was.
select
    {{ version_key() }} as measure_history_key,
    {{ surrogate_key(['history.source_system', 'history.measure_id']) }} as measure_key,
    history.measure_id,
    history.source_system,
    {{ surrogate_key(['history.person_id']) }} as child_key,
    {{ surrogate_key(['history.case_id']) }} as case_key,
    {{ date_key('history.starts_on') }} as date_key,
    coalesce(types.measure_type_key, -1) as measure_type_key,
    cast(history.dbt_valid_from as timestamp) as known_from,
    cast(history.dbt_valid_to as timestamp) as known_to,
    history.dbt_is_deleted = 'True' as is_vanished,
    history.legal_basis,
    history.measure_type,
    history.provider_id,
    history.account,
    history.status,
    history.starts_on,
    history.expected_end_on,
    history.ended_on,
    history.end_reason,
    history.unit,
    history.unit_price,
    history.units,
    history.load_id
from {{ ref('hist_measures') }} as history
left join {{ ref('dim_measure_type') }} as types on history.measure_type = types.measure_type
