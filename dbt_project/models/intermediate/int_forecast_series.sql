-- Grain: one month of one bottom series (function, measure_type, month): net expenditure of complete months.
-- Each series runs from its first month to the last complete one; a month without postings is a zero.
with months_booked as (
    select
        costs.function,
        costs.measure_type,
        costs.posting_month as month,
        sum(costs.amount) as amount
    from {{ ref('int_costs') }} as costs
    cross join {{ ref('int_run') }} as run
    where costs.posting_month <= run.last_complete_month and costs.posting_date <= run.as_of
    group by costs.function, costs.measure_type, costs.posting_month
),

series as (
    select
        function,
        measure_type,
        min(month) as first_month
    from months_booked
    group by function, measure_type
)

select
    series.function,
    series.measure_type,
    months.month,
    cast(coalesce(months_booked.amount, 0) as decimal(18, 2)) as net_expenditure
from series
cross join {{ ref('int_run') }} as run
inner join {{ ref('int_months') }} as months
    on
        series.first_month <= months.month
        and run.last_complete_month >= months.month
left join months_booked
    on
        series.function = months_booked.function
        and series.measure_type = months_booked.measure_type
        and months.month = months_booked.month
