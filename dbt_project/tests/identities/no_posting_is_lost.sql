-- Every delivered posting that holds now is in fct_cost once, and nothing else is.
with delivered as (
    select
        _source as source_system,
        posting_id,
        _load_seq,
        max(_load_seq) over (partition by _source, posting_id) as newest_seq_of_posting,
        max(case when _delivery = 'snapshot' then _load_seq end)
            over (partition by _source)
            as newest_snapshot_seq
    from {{ source('raw', 'postings') }}
),

expected as (
    select
        source_system,
        posting_id
    from delivered
    where _load_seq = newest_seq_of_posting and _load_seq >= coalesce(newest_snapshot_seq, _load_seq)
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
