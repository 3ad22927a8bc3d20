-- Grain: one team in one month: its caseload, and beside it what the measures of its cases cost.
-- Median and p90 are left out where too many cases lie with someone who was not employed that month.
with workers as (
    select
        month,
        team,
        count(case when fte > 0 then caseworker_id end) as caseworkers,
        sum(fte) as fte,
        sum(open_cases) as open_cases,
        sum(case when fte > 0 then open_cases else 0 end) as cases_with_employed,
        median(cases_per_fte) as median_cases_per_fte,
        {{ percentile('cases_per_fte', 0.9) }} as p90_cases_per_fte
    from {{ ref('fct_caseload_month') }}
    group by month, team
),

children as (
    select
        month,
        team,
        count(distinct person_id) as children
    from {{ ref('int_case_months') }}
    group by month, team
),

by_child as (
    select
        month,
        team,
        child_key,
        sum(committed_amount) as amount
    from {{ ref('int_measure_months') }}
    where is_actual
    group by month, team, child_key
),

costs as (
    select
        month,
        team,
        sum(amount) as measure_cost,
        sum(case when amount > 0 then 1 else 0 end) as children_with_cost,
        max(amount) as largest_amount
    from by_child
    group by month, team
)

select
    workers.month,
    cast(extract(year from workers.month) as integer) as year,
    coalesce(workers.team, labels.label_da) as team,
    cast(workers.caseworkers as integer) as caseworkers,
    cast(workers.fte as decimal(18, 4)) as fte,
    cast(workers.open_cases as integer) as open_cases,
    cast(coalesce(children.children, 0) as integer) as children,
    cast(
        case
            when costs.children_with_cost > 0 then least(children.children, costs.children_with_cost)
            else coalesce(children.children, 0)
        end as integer
    ) as children_smallest,
    cast(workers.open_cases / nullif(workers.fte, 0) as decimal(18, 2)) as cases_per_fte,
    cast(
        case
            when workers.cases_with_employed >= limits.employed_case_share * workers.open_cases
                then workers.median_cases_per_fte
        end as decimal(18, 2)
    ) as median_cases_per_fte,
    cast(
        case
            when workers.cases_with_employed >= limits.employed_case_share * workers.open_cases
                then workers.p90_cases_per_fte
        end as decimal(18, 2)
    ) as p90_cases_per_fte,
    cast(coalesce(costs.measure_cost, 0) as decimal(18, 2)) as measure_cost,
    cast(coalesce(costs.measure_cost, 0) / nullif(workers.open_cases, 0) as decimal(18, 2)) as cost_per_case,
    cast(coalesce(costs.measure_cost, 0) / nullif(children.children, 0) as decimal(18, 2)) as cost_per_child,
    cast(costs.largest_amount / nullif(costs.measure_cost, 0) as decimal(9, 6)) as largest_child_share,
    cast(false as boolean) as suppressed
from workers
cross join {{ ref('int_follow_up_limits') }} as limits
inner join {{ ref('ref_labels') }} as labels on labels.scope = 'member' and labels.key = 'unknown'
left join children
    on
        workers.month = children.month
        and coalesce(workers.team, '~') = coalesce(children.team, '~')
left join costs
    on
        workers.month = costs.month
        and coalesce(workers.team, '~') = coalesce(costs.team, '~')
