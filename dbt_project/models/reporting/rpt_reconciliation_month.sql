-- Grain: one month on one level and key (month, level, key), `total` and functions: committed, booked and why they
-- differ. A reason that rests on too few children is told under `other`; where that too rests on too few, none is.
{%- set reasons = [
    'not_yet_invoiced', 'double_booked', 'wrong_account', 'wrong_person', 'late', 'price', 'quantity'
] %}
with limits as (
    select max(limit_value) as children_min
    from {{ ref('ref_quality_limits') }}
    where limit_name = 'reason_children_min'
),

facts as (
    select
        'function' as level,
        series_function as key,
        month,
        committed,
        booked,
        unmatched
    from {{ ref('fct_reconciliation_month') }}
    union all
    select
        'total' as level,
        'total' as key,
        month,
        sum(committed) as committed,
        sum(booked) as booked,
        sum(unmatched) as unmatched
    from {{ ref('fct_reconciliation_month') }}
    group by month
),

explained as (
    select
        'function' as level,
        reasons.function as key,
        reasons.month,
        reasons.reason,
        reasons.amount,
        measures.child_key
    from {{ ref('int_reconciliation_reasons') }} as reasons
    inner join {{ ref('int_measures') }} as measures on reasons.measure_key = measures.measure_key
    union all
    select
        'total' as level,
        'total' as key,
        reasons.month,
        reasons.reason,
        reasons.amount,
        measures.child_key
    from {{ ref('int_reconciliation_reasons') }} as reasons
    inner join {{ ref('int_measures') }} as measures on reasons.measure_key = measures.measure_key
),

counted as (
    select
        level,
        key,
        month,
        reason,
        count(distinct child_key) as children
    from explained
    group by level, key, month, reason
),

told as (
    select
        explained.level,
        explained.key,
        explained.month,
        explained.amount,
        explained.child_key,
        case when counted.children >= limits.children_min then explained.reason else 'other' end as reason
    from explained
    cross join limits
    inner join counted
        on
            explained.level = counted.level
            and explained.key = counted.key
            and explained.month = counted.month
            and explained.reason = counted.reason
),

rows_of_reasons as (
    select
        level,
        key,
        month,
        {%- for reason in reasons + ['other'] %}
            sum(case when reason = '{{ reason }}' then amount else 0 end) as {{ reason }},
        {%- endfor %}
        count(distinct case when reason = 'other' then child_key end) as children_of_other
    from told
    group by level, key, month
),

known as (
    select
        min(month) as first_month,
        max(month) as last_month
    from facts
),

keys as (
    select distinct
        level,
        key
    from facts
),

judged as (
    select
        rows_of_reasons.*,
        rows_of_reasons.children_of_other = 0
        or rows_of_reasons.children_of_other >= limits.children_min as is_told
    from rows_of_reasons
    cross join limits
)

select
    months.month,
    keys.level,
    keys.key,
    labels.label_da,
    labels.label_en,
    cast(coalesce(facts.committed, 0) as decimal(18, 2)) as committed,
    cast(coalesce(facts.booked, 0) as decimal(18, 2)) as booked,
    cast(coalesce(facts.booked - facts.committed, 0) as decimal(18, 2)) as difference,
    cast(coalesce(facts.unmatched, 0) as decimal(18, 2)) as unmatched,
    {%- for reason in reasons + ['other'] %}
        cast(
            case
                when coalesce(judged.is_told, true) then coalesce(judged.{{ reason }}, 0)
            end as decimal(18, 2)
        ) as {{ reason }},
    {%- endfor %}
    months.month <= run.last_complete_month as is_complete
from keys
cross join {{ ref('int_run') }} as run
cross join known
inner join {{ ref('int_months') }} as months
    on
        known.first_month <= months.month
        and known.last_month >= months.month
inner join {{ ref('int_level_labels') }} as labels on keys.level = labels.level and keys.key = labels.key
left join facts on months.month = facts.month and keys.level = facts.level and keys.key = facts.key
left join judged
    on
        months.month = judged.month
        and keys.level = judged.level
        and keys.key = judged.key
