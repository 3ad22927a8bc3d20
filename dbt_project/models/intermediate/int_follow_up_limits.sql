-- Grain: one row, the limits of ref_follow_up_limits side by side.
select
    cast(max(case when limit_name = 'repeat_months' then limit_value end) as integer) as repeat_months,
    cast(max(case when limit_name = 'measure_months' then limit_value end) as integer) as measure_months,
    cast(max(case when limit_name = 'case_months' then limit_value end) as integer) as case_months,
    cast(max(case when limit_name = 'high_priority_weight' then limit_value end) as integer)
        as high_priority_weight,
    cast(max(case when limit_name = 'medium_priority_weight' then limit_value end) as integer)
        as medium_priority_weight,
    max(case when limit_name = 'employed_case_share' then limit_value end) as employed_case_share
from {{ ref('ref_follow_up_limits') }}
