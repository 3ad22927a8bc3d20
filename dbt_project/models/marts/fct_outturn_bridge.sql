-- Grain: one reason why the expected outturn of one level and key is not what the earlier run said (run_id, year,
-- level, key, reason). The amounts add up to the change of the mean; `forecast` is what nothing known explains.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='run_id',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

with run as (
    select * from {{ ref('int_run') }}
),

now as (
    select outturns.*
    from {{ ref('fct_outturn') }} as outturns
    inner join run on outturns.run_id = run.run_id and outturns.year = run.current_year
),

before as (
    select outturns.*
    from {{ ref('fct_outturn') }} as outturns
    inner join {{ ref('int_earlier_run') }} as earlier on outturns.run_id = earlier.run_id
    inner join run on outturns.year = run.current_year
),

changes as (
    select
        coalesce(now.level, before.level) as level,
        coalesce(now.key, before.key) as key,
        coalesce(now.mean, 0) - coalesce(before.mean, 0) as change,
        before.actual_complete_months + coalesce(before.open_amount, 0) as whole_before,
        before.months_known
    from now
    full outer join before on now.level = before.level and now.key = before.key
    where exists (select 1 from {{ ref('int_earlier_run') }})
),

committed as (
    select
        changes_of_measures.reason,
        changes_of_measures.amount,
        changes_of_measures.measure_key,
        measures.child_key,
        changes_of_measures.function,
        changes_of_measures.measure_type
    from {{ ref('int_commitment_changes') }} as changes_of_measures
    left join {{ ref('int_measures') }} as measures on changes_of_measures.measure_key = measures.measure_key
),

leveled as (
    select
        'total' as level,
        'total' as key,
        reason,
        amount,
        measure_key,
        child_key
    from committed
    union all
    select
        'function' as level,
        function as key,
        reason,
        amount,
        measure_key,
        child_key
    from committed
    union all
    select
        'measure_type' as level,
        measure_type as key,
        reason,
        amount,
        measure_key,
        child_key
    from committed
),

-- What is booked by now, and what is still to come, in the months that the earlier run held for complete: beside what
-- that run expected of them, the rest is reversals and late postings that nobody expected.
booked as (
    select
        bridge.level,
        bridge.key,
        costs.posting_month,
        sum(costs.amount) as amount
    from {{ ref('int_costs') }} as costs
    inner join run on costs.year = run.current_year and costs.posting_date <= run.as_of
    inner join {{ ref('int_level_bridge') }} as bridge
        on
            costs.function = bridge.function
            and costs.measure_type = bridge.measure_type
    group by bridge.level, bridge.key, costs.posting_month
),

to_come as (
    select
        bridge.level,
        bridge.key,
        open_months.month as posting_month,
        sum(open_months.to_come) as amount
    from {{ ref('stg_forecasting__open_months') }} as open_months
    inner join run
        on open_months.run_id = run.run_id and extract(year from open_months.month) = run.current_year
    inner join {{ ref('int_level_bridge') }} as bridge
        on
            open_months.function = bridge.function
            and open_months.measure_type = bridge.measure_type
    group by bridge.level, bridge.key, open_months.month
),

whole as (
    select * from booked
    union all
    select * from to_come
),

corrected as (
    select
        changes.level,
        changes.key,
        coalesce(sum(whole.amount), 0) - max(changes.whole_before) as amount
    from changes
    left join whole
        on
            changes.level = whole.level
            and changes.key = whole.key
            and changes.months_known >= extract(month from whole.posting_month)
    where changes.whole_before is not null
    group by changes.level, changes.key
),

explained as (
    select
        leveled.level,
        leveled.key,
        leveled.reason,
        sum(leveled.amount) as amount,
        count(distinct leveled.measure_key) as measures,
        count(distinct leveled.child_key) as children
    from leveled
    group by leveled.level, leveled.key, leveled.reason
    union all
    select
        level,
        key,
        'booked' as reason,
        amount,
        0 as measures,
        0 as children
    from corrected
    where amount <> 0
),

told as (
    select explained.*
    from explained
    inner join changes on explained.level = changes.level and explained.key = changes.key
),

sums as (
    select
        level,
        key,
        sum(amount) as amount
    from told
    group by level, key
),

rows_of_bridge as (
    select
        level,
        key,
        reason,
        amount,
        measures,
        children
    from told
    union all
    select
        changes.level,
        changes.key,
        'forecast' as reason,
        changes.change - coalesce(sums.amount, 0) as amount,
        0 as measures,
        0 as children
    from changes
    left join sums on changes.level = sums.level and changes.key = sums.key
)

select
    {{ surrogate_key([
        'run.run_id', 'run.current_year', 'rows_of_bridge.level', 'rows_of_bridge.key', 'rows_of_bridge.reason'
    ]) }} as bridge_key,
    run.run_id,
    run.as_of,
    earlier.run_id as run_id_before,
    earlier.as_of as as_of_before,
    run.current_year as year,
    rows_of_bridge.level,
    rows_of_bridge.key,
    rows_of_bridge.reason,
    cast(rows_of_bridge.amount as decimal(18, 2)) as amount,
    cast(rows_of_bridge.measures as integer) as measures,
    cast(rows_of_bridge.children as integer) as children
from rows_of_bridge
cross join run
cross join {{ ref('int_earlier_run') }} as earlier
