-- Grain: one expected outturn (run_id, year, level, key).
select
    run_id,
    year,
    level,
    key,
    actual_complete_months,
    mean,
    p10,
    p50,
    p90,
    probability_over_budget,
    months_known,
    floor_amount,
    open_amount
from {{ source('raw', 'outturns') }}
