-- Grain: one run that an expected outturn is kept of, the current one among them, and −1 for none.
with kept as (
    select
        run_id,
        max(as_of) as as_of
    from {{ ref('fct_outturn') }}
    group by run_id
),

runs as (
    select
        run.run_id,
        run.as_of,
        run.last_complete_month,
        true as is_current
    from {{ ref('int_run') }} as run
    union all
    select
        kept.run_id,
        kept.as_of,
        cast(null as date) as last_complete_month,
        false as is_current
    from kept
    where kept.run_id not in (select run.run_id from {{ ref('int_run') }} as run)
)

select
    {{ surrogate_key(['run_id']) }} as run_key,
    run_id,
    as_of,
    last_complete_month,
    is_current
from runs
union all
select
    cast(-1 as bigint) as run_key,
    label_da as run_id,
    cast(null as date) as as_of,
    cast(null as date) as last_complete_month,
    false as is_current
from {{ ref('ref_labels') }}
where scope = 'member' and key = 'unknown'
