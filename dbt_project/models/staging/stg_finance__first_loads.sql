-- Grain: one posting that any load ever delivered (source_system, posting_id, year), and the first load that had it.
-- Also of loads that a newer snapshot has set aside: when a posting was first told is no matter of what holds now.
select
    _source as source_system,
    posting_id,
    year,
    min(_load_seq) as load_seq
from {{ source('raw', 'postings') }}
where not coalesce(_deleted, false)
group by _source, posting_id, year
