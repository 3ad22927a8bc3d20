-- Grain: one function in one month (function, month) up to the run's day: what the measures are committed to cost,
-- what the ledger has booked, and why they differ. The reasons and `unmatched` add up to the difference.
{%- set reasons = [
    'not_yet_invoiced', 'double_booked', 'wrong_account', 'wrong_person', 'late', 'price', 'quantity'
] %}
with run as (
    select * from {{ ref('int_run') }}
),

committed as (
    select
        months.function,
        months.month,
        sum(months.committed_amount) as committed,
        cast(0 as decimal(18, 2)) as booked
    from {{ ref('int_measure_months') }} as months
    cross join run
    where months.month between run.first_month and run.as_of
    group by months.function, months.month
),

booked as (
    select
        costs.function,
        costs.posting_month as month,
        cast(0 as decimal(18, 2)) as committed,
        sum(costs.amount) as booked
    from {{ ref('int_costs') }} as costs
    cross join run
    where costs.posting_date <= run.as_of and costs.posting_month <= run.as_of
    group by costs.function, costs.posting_month
),

explained as (
    select
        function,
        month,
        {%- for reason in reasons + ['other'] %}
            sum(case when reason = '{{ reason }}' then amount else 0 end) as {{ reason }},
        {%- endfor %}
        sum(case when reason = 'unmatched' then amount else 0 end) as unmatched
    from {{ ref('int_reconciliation_reasons') }}
    group by function, month
),

totals as (
    select
        function,
        month,
        sum(committed) as committed,
        sum(booked) as booked
    from (
        select * from committed
        union all
        select * from booked
        union all
        -- A wrong account may lead to a month in which the function has neither.
        select
            function,
            month,
            cast(0 as decimal(18, 2)) as committed,
            cast(0 as decimal(18, 2)) as booked
        from explained
    ) as amounts
    group by function, month
)

select
    {{ surrogate_key(['totals.function', 'totals.month']) }} as reconciliation_key,
    {{ date_key('totals.month') }} as date_key,
    totals.month,
    totals.function as series_function,
    cast(totals.committed as decimal(18, 2)) as committed,
    cast(totals.booked as decimal(18, 2)) as booked,
    cast(totals.booked - totals.committed as decimal(18, 2)) as difference,
    {%- for reason in ['unmatched'] + reasons %}
        cast(coalesce(explained.{{ reason }}, 0) as decimal(18, 2)) as {{ reason }},
    {%- endfor %}
    cast(coalesce(explained.other, 0) as decimal(18, 2)) as other
from totals
left join explained on totals.function = explained.function and totals.month = explained.month
