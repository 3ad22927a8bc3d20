-- Grain: one year on one level and key (year, level, key): what is booked by as_of, and what is committed
-- for the whole year by granted measures, paid or not.
with bottoms as (
    select
        costs.year,
        costs.function,
        costs.measure_type,
        costs.amount as actual,
        0 as committed
    from {{ ref('int_costs') }} as costs
    cross join {{ ref('int_run') }} as run
    where costs.posting_date <= run.as_of
    union all
    select
        cast(extract(year from month) as integer) as year,
        function,
        measure_type,
        0 as actual,
        committed_amount as committed
    from {{ ref('int_measure_months') }}
)

select
    bottoms.year,
    bridge.level,
    bridge.key,
    cast(sum(bottoms.actual) as decimal(18, 2)) as actual_to_date,
    cast(sum(bottoms.committed) as decimal(18, 2)) as committed
from bottoms
inner join {{ ref('int_level_bridge') }} as bridge
    on
        bottoms.function = bridge.function
        and bottoms.measure_type = bridge.measure_type
group by bottoms.year, bridge.level, bridge.key
