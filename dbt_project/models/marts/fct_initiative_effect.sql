-- Grain: one month of one initiative since its start (initiative_id, month), as this run measured it. An initiative
-- that cannot be measured yet has no row.
-- depends_on: {{ ref('dim_date') }} (so that the test of date_key runs in the part of the night that builds this)
with effects as (
    select effects.*
    from {{ ref('stg_forecasting__initiative_effects') }} as effects
    inner join {{ ref('int_run') }} as run on effects.run_id = run.run_id
),

planned as (
    select
        effects.*,
        initiatives.initiative_key,
        -- Evenly over the year, øre by øre: what twelve months hold is the year's plan.
        cast(
            round(initiatives.planned_saving_year * extract(month from effects.month) / 12, 2)
            - round(initiatives.planned_saving_year * (extract(month from effects.month) - 1) / 12, 2)
            as decimal(18, 2)
        ) as planned_saving
    from effects
    inner join {{ ref('dim_initiative') }} as initiatives on effects.initiative_id = initiatives.initiative_id
)

select
    {{ surrogate_key(['initiative_id', 'month']) }} as initiative_effect_key,
    run_id,
    initiative_key,
    initiative_id,
    month,
    {{ date_key('month') }} as date_key,
    planned_saving,
    actual,
    counterfactual,
    p05,
    p95,
    cast(actual - counterfactual as decimal(18, 2)) as effect,
    cast(
        sum(planned_saving) over (
            partition by initiative_id order by month rows between unbounded preceding and current row
        ) as decimal(18, 2)
    ) as cumulative_planned_saving,
    cast(
        sum(actual - counterfactual) over (
            partition by initiative_id order by month rows between unbounded preceding and current row
        ) as decimal(18, 2)
    ) as cumulative_effect,
    cumulative_p05,
    cumulative_p95,
    placebos,
    placebo_share,
    verdict
from planned
