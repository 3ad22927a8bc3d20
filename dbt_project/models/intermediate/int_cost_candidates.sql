-- Grain: one posting and a measure that it could be of (cost_key, measure_key): the one it names, and those of
-- its person that run in its month or near it.
-- `months_late`: months from the measure's last month to the posting's, negative before its first, 0 within.
with postings as (
    select * from {{ ref('int_postings') }}
    where can_be_of_a_measure
),

widest as (
    select
        max(months_late) as months_late,
        max(months_early) as months_early
    from {{ ref('ref_match_passes') }}
    where by_person
),

named as (
    select
        postings.cost_key,
        measures.measure_key,
        true as is_named
    from postings
    inner join {{ ref('int_measures') }} as measures
        on
            postings.measure_id = measures.measure_id
            and measures.is_measure_id_unique
),

of_person as (
    select
        postings.cost_key,
        spans.measure_key,
        false as is_named
    from postings
    cross join widest
    inner join {{ ref('int_cost_spans') }} as spans
        on
            postings.person_id = spans.person_id
            and {{ add_months('postings.posting_month', 'widest.months_early') }} >= spans.first_month
            and {{ add_months('postings.posting_month', '-widest.months_late') }} <= spans.last_month
),

pairs as (
    select
        cost_key,
        measure_key,
        max(case when is_named then 1 else 0 end) = 1 as is_named
    from (
        select * from named
        union all
        select * from of_person
    ) as found
    group by cost_key, measure_key
)

select
    pairs.cost_key,
    pairs.measure_key,
    postings.amount,
    postings.posting_month,
    pairs.is_named,
    coalesce(postings.person_id = spans.person_id, false) as is_same_person,
    coalesce(postings.cvr = spans.cvr, false) as is_same_provider,
    coalesce(postings.cvr <> spans.cvr, false) as is_other_provider,
    postings.account_measure_type = spans.measure_type and spans.measure_type <> 'unknown' as is_same_type,
    postings.function = spans.function and spans.function <> 'unknown' as is_same_function,
    case
        when postings.posting_month > spans.last_month
            then {{ dbt.datediff('spans.last_month', 'postings.posting_month', 'month') }}
        when postings.posting_month < spans.first_month
            then {{ dbt.datediff('spans.first_month', 'postings.posting_month', 'month') }}
        else 0
    end as months_late
from pairs
inner join postings on pairs.cost_key = postings.cost_key
left join {{ ref('int_cost_spans') }} as spans on pairs.measure_key = spans.measure_key
