-- Every delivered posting that holds now is in fct_cost, its shares add up to it to the øre and are numbered from 1
-- without gap, no two of them are of one measure, and nothing else is there.
with expected as (
    select
        _source as source_system,
        posting_id,
        amount
    from ({{ rows_that_hold('postings', ['posting_id'], [['year'], ['year', 'period']]) }}) as held
),

found as (
    select
        source_system,
        posting_id,
        sum(amount) as amount,
        count(*) as shares,
        count(distinct measure_key) as measures,
        max(share_number) as last_share
    from {{ ref('fct_cost') }}
    group by source_system, posting_id
)

select
    expected.posting_id as delivered_posting_id,
    found.posting_id as fact_posting_id,
    coalesce(expected.source_system, found.source_system) as source_system,
    expected.amount as delivered_amount,
    found.amount as fact_amount,
    found.shares
from expected
full outer join found
    on
        expected.source_system = found.source_system
        and expected.posting_id = found.posting_id
where
    expected.posting_id is null
    or found.posting_id is null
    or expected.amount <> found.amount
    or found.shares <> found.last_share
    or found.shares <> found.measures
