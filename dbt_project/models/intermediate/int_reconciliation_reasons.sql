-- Grain: one reason why a function's bookings of a month are not what is committed (function, month, reason,
-- measure_key, cost_key); the amounts of a function and month add up to booked less committed.
-- A booking on another function than its measure's, or in another month than the one it pays for, is a difference
-- in both, once with each sign; what then is left lies between a measure's month and what was booked for it.
with run as (
    select * from {{ ref('int_run') }}
),

parts as (
    select
        costs.cost_key,
        costs.function as booked_function,
        costs.posting_month,
        measures.function as measure_function,
        coalesce(services.service_month, costs.posting_month) as service_month,
        coalesce(services.amount, costs.amount) as amount,
        costs.measure_key,
        case
            when costs.measure_key = -1 then 'unmatched'
            when postings.person_id <> measures.person_id then 'wrong_person'
            when services.is_double then 'double_booked'
            when services.is_income or prices.measure_key is null then 'other'
            else 'expected'
        end as kind
    from {{ ref('int_costs') }} as costs
    cross join run
    inner join {{ ref('int_postings') }} as postings on costs.posting_key = postings.cost_key
    left join {{ ref('int_cost_service_months') }} as services on costs.cost_key = services.cost_key
    left join {{ ref('int_measures') }} as measures on costs.measure_key = measures.measure_key
    left join {{ ref('int_measure_months') }} as prices
        on
            costs.measure_key = prices.measure_key
            and coalesce(services.service_month, costs.posting_month) = prices.month
            and prices.committed_amount <> 0
            and run.first_month <= prices.month
    where costs.posting_date <= run.as_of and costs.posting_month <= run.as_of
),

months as (
    select
        months.measure_key,
        months.function,
        months.month,
        months.committed_amount as committed,
        months.active_days,
        coalesce(sum(parts.amount), 0) as booked,
        count(parts.cost_key) as postings
    from {{ ref('int_measure_months') }} as months
    cross join run
    left join parts
        on
            parts.kind = 'expected'
            and months.measure_key = parts.measure_key
            and months.month = parts.service_month
    where months.committed_amount <> 0 and months.month between run.first_month and run.as_of
    group by months.measure_key, months.function, months.month, months.committed_amount, months.active_days
),

reasons as (
    select
        booked_function as function,
        posting_month as month,
        'wrong_account' as reason,
        measure_key,
        cost_key,
        amount
    from parts
    where booked_function <> measure_function
    union all
    select
        measure_function as function,
        posting_month as month,
        'wrong_account' as reason,
        measure_key,
        cost_key,
        -amount as amount
    from parts
    where booked_function <> measure_function
    union all
    select
        measure_function as function,
        posting_month as month,
        'late' as reason,
        measure_key,
        cost_key,
        amount
    from parts
    where posting_month <> service_month
    union all
    select
        measure_function as function,
        service_month as month,
        'late' as reason,
        measure_key,
        cost_key,
        -amount as amount
    from parts
    where posting_month <> service_month
    union all
    select
        coalesce(measure_function, booked_function) as function,
        service_month as month,
        kind as reason,
        measure_key,
        cost_key,
        amount
    from parts
    where kind <> 'expected'
    union all
    select
        function,
        month,
        case
            when postings = 0 then 'not_yet_invoiced'
            -- The price of whole days, more or fewer of them than the measure runs.
            when
                active_days > 0
                and abs(booked * active_days / committed - round(booked * active_days / committed)) < 0.005
                and round(booked * active_days / committed) between 1 and 31
                then 'quantity'
            else 'price'
        end as reason,
        measure_key,
        cast(null as bigint) as cost_key,
        cast(booked - committed as decimal(18, 2)) as amount
    from months
    where booked <> committed
)

select
    function,
    month,
    reason,
    measure_key,
    cost_key,
    cast(amount as decimal(18, 2)) as amount
from reasons
