-- The reasons of every run's bridge add up to the change of the expected outturn since the run before, to the øre,
-- for every level and key that either run speaks of.
with bridges as (
    select
        run_id,
        run_id_before,
        year,
        level,
        key,
        sum(amount) as amount
    from {{ ref('fct_outturn_bridge') }}
    group by run_id, run_id_before, year, level, key
),

pairs as (
    select distinct
        run_id,
        run_id_before,
        year
    from bridges
),

changes as (
    select
        pairs.run_id,
        outturns.level,
        outturns.key,
        sum(case when outturns.run_id = pairs.run_id then outturns.mean else -outturns.mean end) as amount
    from pairs
    inner join {{ ref('fct_outturn') }} as outturns
        on
            pairs.year = outturns.year
            and outturns.run_id in (pairs.run_id, pairs.run_id_before)
    group by pairs.run_id, outturns.level, outturns.key
)

select
    coalesce(changes.run_id, bridges.run_id) as run_id,
    coalesce(changes.level, bridges.level) as level,
    coalesce(changes.key, bridges.key) as key,
    changes.amount as change,
    bridges.amount as bridge_amount
from changes
full outer join bridges
    on
        changes.run_id = bridges.run_id
        and changes.level = bridges.level
        and changes.key = bridges.key
where
    changes.amount is null
    or bridges.amount is null
    or changes.amount <> bridges.amount
