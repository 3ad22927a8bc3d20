-- The sum of fct_cost equals the sum of the delivered postings that hold now, to the øre, per year and account.
-- The current rows are worked out here anew, so that a fault in the models' rule cannot hide.
with expected as (
    select
        year,
        account,
        sum(amount) as amount,
        count(*) as postings
    from ({{ rows_that_hold('postings', ['posting_id'], [['year'], ['year', 'period']]) }}) as held
    group by year, account
),

found as (
    select
        costs.year,
        accounts.account,
        sum(costs.amount) as amount,
        count(distinct costs.source_system || '|' || costs.posting_id) as postings
    from {{ ref('fct_cost') }} as costs
    left join {{ ref('dim_account') }} as accounts on costs.account_key = accounts.account_key
    group by costs.year, accounts.account
)

select
    coalesce(expected.year, found.year) as year,
    coalesce(expected.account, found.account) as account,
    expected.amount as delivered_amount,
    found.amount as fact_amount,
    expected.postings as delivered_postings,
    found.postings as fact_postings
from expected
full outer join found on expected.year = found.year and expected.account = found.account
where
    coalesce(expected.amount, 0) <> coalesce(found.amount, 0)
    or coalesce(expected.postings, 0) <> coalesce(found.postings, 0)
