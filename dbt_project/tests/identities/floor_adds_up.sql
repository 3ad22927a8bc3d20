-- The floor under a year is the same on every level; each key may be off by its rounding.
with by_level as (
    select
        run_id,
        year,
        level,
        sum(floor_amount) as floor_amount
    from {{ ref('fct_outturn') }}
    where floor_amount is not null
    group by run_id, year, level
)

select
    run_id,
    year
from by_level
group by run_id, year
having max(floor_amount) - min(floor_amount) > 1
