-- Grain: one forecast month of one series (run_id, series_id, scenario, measure, target_month).
select
    run_id,
    series_id,
    scenario,
    measure,
    target_month,
    mean,
    p05,
    p10,
    p25,
    p50,
    p75,
    p90,
    p95,
    horizon_months,
    model_version,
    data_version
from {{ source('raw', 'forecasts') }}
