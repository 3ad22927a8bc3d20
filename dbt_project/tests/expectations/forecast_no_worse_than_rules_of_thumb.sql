-- Warns where forecasts of expenditure missed by more than the best rule of thumb, with some allowance, in a class
-- of horizons that has enough of them. Nothing stops: it is a reason to look at the model, not at the data.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'rpt_forecast_accuracy'}}}) }}

with limits as (
    select
        max(case when limit_name = 'forecast_worse_factor' then limit_value end) as worse_factor,
        max(case when limit_name = 'forecast_min_scored' then limit_value end) as min_scored
    from {{ ref('ref_quality_limits') }}
)

select
    accuracy.kind,
    accuracy.span,
    accuracy.level,
    accuracy.horizon_bin,
    accuracy.scored,
    accuracy.wape,
    accuracy.wape_best_rule
from {{ ref('rpt_forecast_accuracy') }} as accuracy
cross join limits
where
    accuracy.measure = 'net_expenditure'
    and accuracy.scored >= limits.min_scored
    and accuracy.wape > limits.worse_factor * accuracy.wape_best_rule
