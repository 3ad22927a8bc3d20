-- Grain: one granted measure (measure_key), as the forecast of commitments reads it: how long it has run, what may end
-- it, what a month of it costs, and since when it has been on record.
with run as (
    select * from {{ ref('int_run') }}
),

priced as (
    select
        measure_key,
        sum(committed_amount) as amount,
        sum(active_days) as days
    from {{ ref('int_measure_months') }}
    where commitment = 'granted'
    group by measure_key
),

first_known as (
    select
        {{ surrogate_key(['source_system', 'measure_id']) }} as measure_key,
        min(dbt_valid_from) as known_from
    from {{ ref('hist_measures') }}
    where dbt_is_deleted = 'False'
    group by source_system, measure_id
)

select
    measures.measure_key,
    measures.function,
    measures.measure_type,
    coalesce(measures.category, 'unknown') as category,
    measures.starts_on,
    -- One that is called ended without a day ended when it was to.
    coalesce(measures.ended_on, case when measures.status = 'ended' then measures.runs_to end) as ended_on,
    coalesce(reasons.reason_kind = 'administrative', false) as is_administrative,
    case when measures.age_limit_on >= measures.starts_on then measures.age_limit_on end as age_limit_on,
    cast(first_known.known_from as date) as known_from,
    measures.unit = 'once' as is_once,
    -- A twelfth of a year's days; what is paid once is paid whole.
    cast(
        case when measures.unit = 'once' then priced.amount else priced.amount * 365 / (12 * priced.days) end
        as decimal(18, 4)
    ) as month_price,
    -- A case system shows the price of today, or of the end: earlier ones were lower.
    greatest(measures.starts_on, least(measures.runs_to, run.as_of)) as price_on
from {{ ref('int_measures') }} as measures
cross join run
inner join priced on measures.measure_key = priced.measure_key
left join first_known on measures.measure_key = first_known.measure_key
left join {{ ref('ref_end_reasons') }} as reasons
    on
        measures.ended_on is not null
        and lower(trim(measures.end_reason)) = reasons.end_reason
        and measures.ended_on
        between reasons.valid_from and coalesce(reasons.valid_to, {{ end_of_time() }})
where measures.commitment = 'granted' and priced.days > 0
