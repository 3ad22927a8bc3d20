-- The sum of fct_cost equals the sum of the delivered postings that hold now, to the øre, per year and account.
-- The current rows are worked out here anew, so that a fault in the models' rule cannot hide.
with delivered as (
    select
        *,
        max(_load_seq) over (partition by _source, posting_id) as newest_seq_of_posting,
        max(case when _delivery = 'snapshot' then _load_seq end)
            over (partition by _source)
            as newest_snapshot_seq
    from {{ source('raw', 'postings') }}
),

expected as (
    select
        year,
        account,
        sum(amount) as amount,
        count(*) as postings
    from delivered
    where _load_seq = newest_seq_of_posting and _load_seq >= coalesce(newest_snapshot_seq, _load_seq)
    group by year, account
),

found as (
    select
        costs.year,
        accounts.account,
        sum(costs.amount) as amount,
        count(*) as postings
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
