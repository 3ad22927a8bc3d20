-- Grain: one month of one series in one run (run_id, series_id, scenario, measure, target_month). Appended.
-- depends_on: {{ ref('dim_date') }} (so that the test of date_key runs in the part of the night that builds this)
with parsed as (
    select
        *,
        case
            when series_id = 'total' then 'total'
            when series_id like 'function=%|measure_type=%' then 'function_measure_type'
            when series_id like 'function=%' then 'function'
            when series_id like 'measure_type=%' then 'measure_type'
            when series_id like 'category=%' then 'category'
            else 'other'
        end as level,
        {{ regex_group('series_id', 'function=([^|]+)') }} as series_function,
        {{ regex_group('series_id', 'measure_type=([^|]+)') }} as measure_type
    from {{ ref('stg_forecasting__forecasts') }}
)

select
    {{ surrogate_key([
        'parsed.run_id', 'parsed.series_id', 'parsed.scenario', 'parsed.measure', 'parsed.target_month'
    ]) }} as forecast_key,
    parsed.run_id,
    parsed.series_id,
    parsed.scenario,
    parsed.measure,
    parsed.target_month,
    {{ date_key('parsed.target_month') }} as date_key,
    coalesce(types.measure_type_key, -1) as measure_type_key,
    parsed.level,
    parsed.series_function,
    parsed.measure_type,
    parsed.mean,
    parsed.p05,
    parsed.p10,
    parsed.p25,
    parsed.p50,
    parsed.p75,
    parsed.p90,
    parsed.p95,
    parsed.horizon_months,
    parsed.model_version,
    parsed.data_version
from parsed
left join {{ ref('dim_measure_type') }} as types on parsed.measure_type = types.measure_type
