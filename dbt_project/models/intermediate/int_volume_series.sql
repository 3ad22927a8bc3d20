-- Grain: one month of one measure type of any category (measure_type, month): full-year persons of complete months, for
-- as long as the case system tells them.
select
    measure_months.measure_type,
    measure_months.month,
    cast(sum(measure_months.full_year_persons) as decimal(18, 4)) as full_year_persons
from {{ ref('int_measure_months') }} as measure_months
cross join {{ ref('int_run') }} as run
where
    measure_months.month between run.first_activity_month and run.last_complete_month
    and measure_months.active_days > 0
group by measure_months.measure_type, measure_months.month
