-- Grain: one posting that was tied by what it says, in the best pass that found one measure (cost_key).
select
    cost_key,
    measure_key,
    method,
    pass_order
from (
    select
        *,
        row_number() over (partition by cost_key order by pass_order) as recency
    from {{ ref('int_cost_direct') }}
) as ranked
where recency = 1
