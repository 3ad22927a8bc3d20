-- Grain: one version of one measure with a planned end (measure_key, known_from): which end was on record from when
-- until when. A plan that was put off later is no knowledge of the day before.
select
    {{ surrogate_key(['source_system', 'measure_id']) }} as measure_key,
    cast(dbt_valid_from as date) as known_from,
    cast(dbt_valid_to as date) as known_to,
    expected_end_on
from {{ ref('hist_measures') }}
where dbt_is_deleted = 'False' and expected_end_on is not null
