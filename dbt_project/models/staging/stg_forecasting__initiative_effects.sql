-- Grain: one month of one initiative in one run (run_id, initiative_id, month).
select
    run_id,
    initiative_id,
    month,
    actual,
    counterfactual,
    p05,
    p95,
    cumulative_p05,
    cumulative_p95,
    placebos,
    placebo_share,
    verdict
from {{ source('raw', 'initiative_effects') }}
