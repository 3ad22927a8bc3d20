-- Grain: one month of one type of placement (measure_type, month): full-year persons of complete months.
with months_active as (
    select
        measure_months.measure_type,
        measure_months.category,
        measure_months.month,
        sum(measure_months.active_days) as active_days
    from {{ ref('int_measure_months') }} as measure_months
    cross join {{ ref('int_run') }} as run
    where
        measure_months.category = 'placement'
        and measure_months.month between run.first_activity_month and run.last_complete_month
    group by measure_months.measure_type, measure_months.category, measure_months.month
    having sum(measure_months.active_days) > 0
),

series as (
    select
        measure_type,
        category,
        min(month) as first_month
    from months_active
    group by measure_type, category
)

select
    series.measure_type,
    series.category,
    months.month,
    cast(coalesce(months_active.active_days, 0) / months.days_in_year as decimal(18, 4)) as full_year_persons
from series
cross join {{ ref('int_run') }} as run
inner join {{ ref('int_months') }} as months
    on
        series.first_month <= months.month
        and run.last_complete_month >= months.month
left join months_active
    on
        series.measure_type = months_active.measure_type
        and months.month = months_active.month
