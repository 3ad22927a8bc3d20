-- Grain: one month that was tried from one past month (run_id, series_id, measure, origin_month, target_month).
select
    run_id,
    series_id,
    measure,
    origin_month,
    target_month,
    horizon_months,
    mean,
    model_version,
    data_version
from {{ source('raw', 'backtests') }}
