-- Every delivered posting that holds now is in fct_cost once, and nothing else is.
with expected as (
    select
        _source as source_system,
        posting_id
    from ({{ rows_that_hold('postings', ['posting_id'], [['year'], ['year', 'period']]) }}) as held
)

select
    expected.posting_id as delivered_posting_id,
    found.posting_id as fact_posting_id,
    coalesce(expected.source_system, found.source_system) as source_system
from expected
full outer join {{ ref('fct_cost') }} as found
    on
        expected.source_system = found.source_system
        and expected.posting_id = found.posting_id
where expected.posting_id is null or found.posting_id is null
