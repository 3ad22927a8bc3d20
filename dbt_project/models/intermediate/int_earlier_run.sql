-- Grain: one run, the newest with an expected outturn that was made on an earlier day; no row on a first run.
with runs as (
    select distinct
        outturns.run_id,
        loads.as_of,
        loads.known_until
    from {{ ref('stg_forecasting__outturns') }} as outturns
    inner join {{ ref('int_run_loads') }} as loads on outturns.run_id = loads.run_id
    cross join {{ ref('int_run') }} as run
    where loads.as_of < run.as_of and outturns.year = run.current_year
),

ranked as (
    select
        *,
        row_number() over (order by as_of desc, run_id desc) as recency
    from runs
)

select
    run_id,
    as_of,
    known_until
from ranked
where recency = 1
