-- Grain: one team in one month: its cases with a measure that asks for a plan, and those with a valid plan.
with asking as (
    select distinct
        months.month,
        {{ month_end('months.month') }} as month_end,
        months.measure_key,
        months.case_key,
        months.child_key,
        months.team
    from {{ ref('int_measure_months') }} as months
    inner join {{ ref('int_duty_measures') }} as measures on months.measure_key = measures.measure_key
    cross join {{ ref('int_follow_up_history') }} as history
    where
        measures.has_plan
        and months.is_active_at_month_end
        and months.is_actual
        and months.case_key <> -1
        and months.month >= history.plans_from
),

by_case as (
    select
        asking.month,
        asking.team,
        asking.case_key,
        max(asking.child_key) as child_key,
        max(case when plans.plan_id is not null then 1 else 0 end) as has_valid_plan
    from asking
    left join {{ ref('int_measure_plans') }} as plans
        on
            asking.measure_key = plans.measure_key
            and asking.month_end >= plans.decided_on
            -- A comparison, so that it is joined by hash: inside coalesce it would be tried pair by pair.
            and asking.month_end <= coalesce(plans.valid_to, {{ end_of_time() }})
    group by asking.month, asking.team, asking.case_key
)

select
    by_case.month,
    cast(extract(year from by_case.month) as integer) as year,
    coalesce(by_case.team, labels.label_da) as team,
    cast(count(*) as integer) as cases,
    cast(count(distinct by_case.child_key) as integer) as children,
    cast(sum(by_case.has_valid_plan) as integer) as cases_with_valid_plan,
    cast(avg(cast(by_case.has_valid_plan as double)) as decimal(9, 6)) as share_with_valid_plan,
    cast(false as boolean) as suppressed
from by_case
inner join {{ ref('ref_labels') }} as labels on labels.scope = 'member' and labels.key = 'unknown'
group by by_case.month, coalesce(by_case.team, labels.label_da)
