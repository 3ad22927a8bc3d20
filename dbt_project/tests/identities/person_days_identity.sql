-- The days of a measure's months add up to the days it runs; a draft has none.
with counted as (
    select
        measure_key,
        sum(active_days + expected_days) as days
    from {{ ref('fct_measure_month') }}
    group by measure_key
)

select
    measures.measure_key,
    measures.measure_id,
    measures.starts_on,
    measures.runs_to,
    counted.days
from {{ ref('fct_measure') }} as measures
left join counted on measures.measure_key = counted.measure_key
where
    coalesce(counted.days, 0)
    <> case
        when measures.status = 'draft' or measures.runs_to < measures.starts_on then 0
        else {{ days_inclusive('measures.starts_on', 'measures.runs_to') }}
    end
