-- Grain: one measure type (measure_type): how long its measures last, those that still run included.
-- Kaplan-Meier: on each day after the start on which measures end, the share of those at risk that ended; what is not
-- yet over counts as at risk for as long as it was watched. Days with too few at risk (ref_activity_limits) are left out.
with limits as (
    select max(limits_in_force.limit_value) as min_at_risk
    from {{ ref('ref_activity_limits') }} as limits_in_force
    inner join {{ ref('int_run') }} as run
        on
            limits_in_force.valid_from <= run.as_of
            and coalesce(limits_in_force.valid_to, {{ end_of_time() }}) >= run.as_of
    where limits_in_force.limit_name = 'duration_min_at_risk'
),

measures as (
    select
        measure_type,
        count(*) as measures,
        sum(case when is_ended then 1 else 0 end) as measures_ended,
        count(distinct child_key) as children,
        least(
            nullif(count(distinct case when is_ended then child_key end), 0),
            nullif(count(distinct case when not is_ended then child_key end), 0)
        ) as children_min,
        max(days) as longest_days
    from {{ ref('int_measure_durations') }}
    group by measure_type
),

days as (
    select
        measure_type,
        day,
        sum(entries) as entries,
        sum(exits) as exits,
        sum(ends) as ends
    from (
        select
            measure_type,
            entry_days as day,
            1 as entries,
            0 as exits,
            0 as ends
        from {{ ref('int_measure_durations') }}
        union all
        select
            measure_type,
            days as day,
            0 as entries,
            1 as exits,
            case when is_ended then 1 else 0 end as ends
        from {{ ref('int_measure_durations') }}
    ) as changes
    group by measure_type, day
),

at_risk as (
    select
        measure_type,
        day,
        ends,
        sum(entries - exits) over (
            partition by measure_type
            order by day rows between unbounded preceding and 1 preceding
        ) as at_risk
    from days
),

survival as (
    select
        at_risk.measure_type,
        at_risk.day,
        -- The logarithm of nothing left is none: from that day on the share is zero.
        case
            when max(case when at_risk.ends = at_risk.at_risk then 1 else 0 end) over (
                partition by at_risk.measure_type
                order by at_risk.day rows between unbounded preceding and current row
            ) = 1 then 0.0
            else exp(
                sum(
                    case
                        when at_risk.ends < at_risk.at_risk
                            then ln(1.0 - at_risk.ends * 1.0 / at_risk.at_risk)
                        else 0.0
                    end
                ) over (
                    partition by at_risk.measure_type
                    order by at_risk.day rows between unbounded preceding and current row
                )
            )
        end as share_running
    from at_risk
    cross join limits
    where at_risk.ends > 0 and at_risk.at_risk >= limits.min_at_risk
),

quantiles as (
    -- A share is a product of quotients: a billionth keeps one half from being missed.
    select
        measure_type,
        min(case when share_running <= 0.75 + 1e-9 then day end) as p25_days,
        min(case when share_running <= 0.5 + 1e-9 then day end) as median_days,
        min(case when share_running <= 0.25 + 1e-9 then day end) as p75_days,
        min(case when day <= 365 then share_running end) as share_after_a_year
    from survival
    group by measure_type
)

select
    measures.measure_type,
    types.label_da,
    types.label_en,
    types.category,
    cast(measures.measures as integer) as measures,
    cast(measures.measures_ended as integer) as measures_ended,
    cast(measures.measures - measures.measures_ended as integer) as measures_running,
    cast(quantiles.p25_days as integer) as p25_days,
    cast(quantiles.median_days as integer) as median_days,
    cast(quantiles.p75_days as integer) as p75_days,
    cast(
        case when measures.longest_days > 365 then coalesce(quantiles.share_after_a_year, 1) end
        as decimal(9, 6)
    ) as share_running_after_a_year,
    cast(measures.children as integer) as children,
    cast(measures.children_min as integer) as children_min,
    false as suppressed
from measures
inner join {{ ref('dim_measure_type') }} as types on measures.measure_type = types.measure_type
left join quantiles on measures.measure_type = quantiles.measure_type
