-- Grain: one measure, place (function, measure type) and reason (measure_key, function, measure_type, reason): by how
-- much its commitment of this year has changed since the earlier run, as the measure was known then (history).
-- A change of both span and price is first the span at the old price, then the price.
with run as (
    select * from {{ ref('int_run') }}
),

known as (
    select
        {{ surrogate_key(['history.source_system', 'history.measure_id']) }} as measure_key,
        history.person_id,
        history.status,
        history.starts_on,
        history.ended_on,
        history.unit,
        history.unit_price,
        coalesce(history.units, 1) as units,
        earlier.as_of,
        coalesce(own_type.measure_type, nullif(accounts.measure_type, 'unknown'), 'unknown') as measure_type,
        nullif(accounts.function, 'unknown') as account_function,
        history.expected_end_on,
        children.birth_month
    from {{ ref('hist_measures') }} as history
    inner join {{ ref('int_earlier_run') }} as earlier
        on
            history.dbt_valid_from <= earlier.known_until
            and (history.dbt_valid_to is null or history.dbt_valid_to > earlier.known_until)
    left join {{ ref('int_children') }} as children on history.person_id = children.person_id
    left join {{ ref('int_measure_types') }} as own_type on history.measure_type = own_type.measure_type
    left join {{ ref('int_account_versions') }} as accounts
        on
            history.account = accounts.account
            and history.starts_on between accounts.valid_from and accounts.valid_to
    where
        history.dbt_is_deleted = 'False'
        and coalesce(history.status, 'granted') not in ('draft', 'expected')
),

aged as (
    select
        known.*,
        types.function as home_function,
        {{ month_end(add_months('known.birth_month', '12 * types.age_limit')) }} as age_limit_on
    from known
    left join {{ ref('int_measure_types') }} as types on known.measure_type = types.measure_type
),

planned as (
    select
        known.*,
        coalesce(known.account_function, known.home_function, 'unknown') as function,
        coalesce(
            known.expected_end_on,
            case when known.age_limit_on >= known.starts_on then known.age_limit_on end,
            greatest(make_date(cast(extract(year from known.as_of) as integer) + 1, 12, 31), known.starts_on)
        ) as planned_end_on
    from aged as known
),

before as (
    select
        planned.*,
        {{ measure_runs_to('planned', 'planned.as_of') }} as runs_to
    from planned
),

months as (
    select months.*
    from {{ ref('int_months') }} as months
    inner join run on months.year = run.current_year
),

before_days as (
    select
        before.*,
        months.month,
        months.days_in_month,
        months.days_in_year,
        {{ days_inclusive(
            'greatest(before.starts_on, months.month)', 'least(before.runs_to, months.month_end)'
        ) }} as days
    from before
    inner join months on before.starts_on <= months.month_end and before.runs_to >= months.month
),

before_amounts as (
    select
        measure_key,
        sum({{ price_of_month(
            'unit', 'unit_price', 'units', 'days', 'month', 'days_in_month', 'days_in_year', 'starts_on'
        ) }}) as amount
    from before_days
    group by measure_key
),

-- This year's months of today's measure, at today's price and at the price that was known then.
now_days as (
    select
        current_months.measure_key,
        current_months.committed_amount,
        current_months.active_days as days,
        current_months.month,
        current_months.starts_on,
        months.days_in_month,
        months.days_in_year,
        before.unit,
        before.unit_price,
        before.units
    from {{ ref('int_measure_months') }} as current_months
    inner join months on current_months.month = months.month
    left join before on current_months.measure_key = before.measure_key
    where current_months.commitment = 'granted'
),

now_amounts as (
    select
        measure_key,
        sum(committed_amount) as amount,
        sum({{ price_of_month(
            'unit', 'unit_price', 'units', 'days', 'month', 'days_in_month', 'days_in_year', 'starts_on'
        ) }}) as amount_at_old_price
    from now_days
    group by measure_key
),

granted as (
    select * from {{ ref('int_measures') }}
    where commitment = 'granted'
),

compared as (
    select
        coalesce(measures.measure_key, before.measure_key) as measure_key,
        measures.function as function_now,
        measures.measure_type as type_now,
        before.function as function_before,
        before.measure_type as type_before,
        before.measure_key is null as is_new,
        measures.measure_key is null as is_gone,
        coalesce(now_amounts.amount, 0) as amount_now,
        coalesce(before_amounts.amount, 0) as amount_before,
        coalesce(now_amounts.amount_at_old_price, now_amounts.amount, 0) as amount_at_old_price,
        case
            when measures.runs_to < before.runs_to then 'ended'
            when measures.runs_to > before.runs_to then 'prolonged'
            else 'correction'
        end as span_reason
    from before
    full outer join granted as measures on before.measure_key = measures.measure_key
    left join now_amounts on measures.measure_key = now_amounts.measure_key
    left join before_amounts on before.measure_key = before_amounts.measure_key
    where exists (select 1 from {{ ref('int_earlier_run') }})
),

reasons as (
    select
        measure_key,
        function_now as function,
        type_now as measure_type,
        'new' as reason,
        amount_now as amount
    from compared
    where is_new
    union all
    select
        measure_key,
        function_before as function,
        type_before as measure_type,
        'ended' as reason,
        -amount_before as amount
    from compared
    where is_gone
    union all
    select
        measure_key,
        function_before as function,
        type_before as measure_type,
        span_reason as reason,
        amount_at_old_price - amount_before as amount
    from compared
    where not is_new and not is_gone
    union all
    select
        measure_key,
        function_before as function,
        type_before as measure_type,
        'price' as reason,
        amount_now - amount_at_old_price as amount
    from compared
    where not is_new and not is_gone
    union all
    -- Another account or type: out where it was, in where it is.
    select
        measure_key,
        function_before as function,
        type_before as measure_type,
        'correction' as reason,
        -amount_now as amount
    from compared
    where not is_new and not is_gone and (function_now <> function_before or type_now <> type_before)
    union all
    select
        measure_key,
        function_now as function,
        type_now as measure_type,
        'correction' as reason,
        amount_now as amount
    from compared
    where not is_new and not is_gone and (function_now <> function_before or type_now <> type_before)
)

select
    measure_key,
    function,
    measure_type,
    reason,
    cast(sum(amount) as decimal(18, 2)) as amount
from reasons
group by measure_key, function, measure_type, reason
having sum(amount) <> 0
