-- What was spent on an initiative's measure types in a month is what was booked on them, every measured month has
-- its forecast and its verdict, and the sum so far is that of the months.
with booked as (
    select
        initiatives.initiative_id,
        series.month,
        sum(series.net_expenditure) as amount
    from {{ ref('dim_initiative') }} as initiatives
    inner join {{ ref('int_forecast_series') }} as series
        on
            ',' || initiatives.measure_types || ',' like '%,' || series.measure_type || ',%'
            and initiatives.starts_on <= series.month
    group by initiatives.initiative_id, series.month
),

sums as (
    select
        initiative_id,
        sum(effect) as effect
    from {{ ref('fct_initiative_effect') }}
    group by initiative_id
),

newest as (
    select
        initiative_id,
        cumulative_effect,
        row_number() over (partition by initiative_id order by month desc) as recency
    from {{ ref('fct_initiative_effect') }}
)

select
    effects.initiative_id,
    effects.month,
    effects.actual
from {{ ref('fct_initiative_effect') }} as effects
left join booked on effects.initiative_id = booked.initiative_id and effects.month = booked.month
where
    effects.counterfactual is null
    or effects.verdict is null
    or effects.actual is null
    or effects.actual <> coalesce(booked.amount, 0)
    or effects.effect <> effects.actual - effects.counterfactual
union all
select
    sums.initiative_id,
    cast(null as date) as month,
    newest.cumulative_effect as actual
from sums
inner join newest on sums.initiative_id = newest.initiative_id and newest.recency = 1
where newest.cumulative_effect <> sums.effect
