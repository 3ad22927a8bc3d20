-- The reasons and the unmatched add up to booked less committed, function by function and month by month, to the
-- øre; and committed and booked are all that measures and ledger say up to the run's day.
with run as (
    select * from {{ ref('int_run') }}
),

expected as (
    select
        function,
        month,
        sum(committed) as committed,
        sum(booked) as booked
    from (
        select
            months.series_function as function,
            months.month,
            months.committed_amount as committed,
            cast(0 as decimal(18, 2)) as booked
        from {{ ref('fct_measure_month') }} as months
        cross join run
        where months.month between run.first_month and run.as_of
        union all
        select
            costs.series_function as function,
            costs.posting_month as month,
            cast(0 as decimal(18, 2)) as committed,
            costs.amount as booked
        from {{ ref('fct_cost') }} as costs
        cross join run
        where costs.posting_date <= run.as_of and costs.posting_month <= run.as_of
    ) as amounts
    group by function, month
)

select
    coalesce(expected.function, found.series_function) as function,
    coalesce(expected.month, found.month) as month,
    expected.committed as expected_committed,
    found.committed,
    expected.booked as expected_booked,
    found.booked,
    found.difference
from expected
full outer join {{ ref('fct_reconciliation_month') }} as found
    on expected.function = found.series_function and expected.month = found.month
where
    coalesce(expected.committed, 0) <> coalesce(found.committed, 0)
    or coalesce(expected.booked, 0) <> coalesce(found.booked, 0)
    or found.difference <> found.booked - found.committed
    or found.difference
    <> found.unmatched
    + found.not_yet_invoiced
    + found.double_booked
    + found.wrong_account
    + found.wrong_person
    + found.late
    + found.price
    + found.quantity
    + found.other
