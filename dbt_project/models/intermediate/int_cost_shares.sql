-- Grain: one share of a posting that was tied (cost_key, share_number): the whole of it, or what falls on each of
-- its measures, to the øre.
with parts as (
    select
        matches.cost_key,
        matches.measure_key,
        matches.match_method,
        matches.match_confidence,
        matches.weight,
        postings.amount,
        count(*) over (partition by matches.cost_key) as parts
    from {{ ref('int_cost_matches') }} as matches
    inner join {{ ref('int_postings') }} as postings on matches.cost_key = postings.cost_key
),

several as (
    {{ allocate('(select * from parts where parts > 1)', ['cost_key'], 'measure_key', 'amount', 'weight') }}
)

select
    parts.cost_key,
    parts.measure_key,
    coalesce(several.share_number, 1) as share_number,
    coalesce(several.share_amount, parts.amount) as amount,
    parts.match_method,
    parts.match_confidence
from parts
left join several on parts.cost_key = several.cost_key and parts.measure_key = several.measure_key
