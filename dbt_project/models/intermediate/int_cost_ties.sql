-- Grain: one posting that a pass ties to exactly one measure (cost_key): its best, by what it says or by its amount.
select
    cost_key,
    measure_key,
    method,
    pass_order
from (
    select
        *,
        row_number() over (partition by cost_key order by pass_order) as place
    from (
        select
            cost_key,
            measure_key,
            method,
            pass_order
        from {{ ref('int_cost_direct') }}
        union all
        select
            cost_key,
            measure_key,
            method,
            pass_order
        from {{ ref('int_cost_amounts') }}
    ) as found
) as ranked
where place = 1
