-- Grain: one measure that is granted (measure_key), with the months it runs in and what a posting could know of it.
select
    measure_key,
    min(measure_id) as measure_id,
    min(person_id) as person_id,
    max(cvr) as cvr,
    min(measure_type) as measure_type,
    min(function) as function,
    min(month) as first_month,
    max(month) as last_month
from {{ ref('int_measure_months') }}
where commitment = 'granted'
group by measure_key
