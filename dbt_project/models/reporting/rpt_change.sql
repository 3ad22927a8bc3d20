-- Grain: one level and key (level, key): this run's expected outturn of the year against that of the newest run
-- made on an earlier day. No rows on a first run.
with run as (
    select * from {{ ref('int_run') }}
),

earlier_runs as (
    select
        outturns.run_id,
        outturns.as_of,
        row_number() over (order by outturns.as_of desc, outturns.run_id desc) as recency
    from (
        select distinct
            run_id,
            as_of
        from {{ ref('fct_outturn') }}
        where as_of is not null
    ) as outturns
    cross join run
    where outturns.as_of < run.as_of
),

now as (
    select outturns.*
    from {{ ref('fct_outturn') }} as outturns
    inner join run on outturns.run_id = run.run_id and outturns.year = run.current_year
),

earlier as (
    select outturns.*
    from {{ ref('fct_outturn') }} as outturns
    inner join earlier_runs on outturns.run_id = earlier_runs.run_id and earlier_runs.recency = 1
    inner join run on outturns.year = run.current_year
)

select
    now.level,
    now.key,
    labels.label_da,
    labels.label_en,
    now.mean as mean_now,
    earlier.mean as mean_before,
    cast(now.mean - earlier.mean as decimal(18, 2)) as change,
    earlier.run_id as run_id_before,
    earlier.as_of as as_of_before
from now
inner join earlier on now.level = earlier.level and now.key = earlier.key
inner join {{ ref('int_level_labels') }} as labels on now.level = labels.level and now.key = labels.key
